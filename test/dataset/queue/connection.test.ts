import { describe, expect, test } from 'vitest';
import { connect } from '../../../src/dataset/queue/connection.js';
import { errorOf } from '../../support/failure.js';
import { freePort } from '../../support/free-port.js';

describe('connect()', () => {
  test('rejects with queue-failed where nobody answers, and does not tell the password', async () => {
    const url = `redis://me:secret@127.0.0.1:${await freePort()}`;
    const error = await errorOf(connect({ url }));
    expect(error).toMatchObject({ code: 'queue-failed', exitCode: 7 });
    expect(error.message).toMatch(/^The queue at redis:\/\/127\.0\.0\.1:\d+.* could not be reached: .*\.$/);
    expect(error.message).not.toContain('secret');
  });

  test.each(['127.0.0.1:6379', 'http://127.0.0.1/', ''])(
    'rejects %j, which is no address of a Redis',
    async (url) => {
      expect(await errorOf(connect({ url }))).toMatchObject({ code: 'option-invalid' });
    },
  );
});
