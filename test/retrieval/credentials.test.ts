import { expect, test } from 'vitest';
import { failureOf } from '../support/failure.js';
import { retrieve } from '../support/unguarded.js';

test('a malformed URL with a password in it is told of without the password, in message and receipt alike', async () => {
  const error = await failureOf(retrieve('http://user:secret@host.test:99999/cover.jpg'));
  expect(error.code).toBe('url-malformed');
  expect(error.message).toBe('"http://***@host.test:99999/cover.jpg" is no URL.');
  expect(error.receipt).toMatchObject({ url: 'http://***@host.test:99999/cover.jpg', status: null });
});
