import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { folderPages } from '../../src/lab/folder-pages.js';
import type { Page } from '../../src/lab/pages.js';
import { SMALL_JPEG } from '../support/pictures.js';
import { scratchDirectory } from '../support/scratch.js';

/** A directory to serve, and beside it a secret. */
function laid(): string {
  const outside = scratchDirectory();
  const root = join(outside, 'served');
  mkdirSync(join(root, 'sub'), { recursive: true });
  writeFileSync(join(outside, 'secret.txt'), 'secret');
  writeFileSync(join(root, '.hidden'), 'secret');
  writeFileSync(join(root, 'picture.dat'), SMALL_JPEG);
  writeFileSync(join(root, 'a b <i>.txt'), 'text');
  writeFileSync(join(root, 'sub', 'inner.css'), 'p{}');
  symlinkSync(join(outside, 'secret.txt'), join(root, 'link.txt'));
  symlinkSync(outside, join(root, 'up'));
  symlinkSync('picture.dat', join(root, 'same.dat'));
  return root;
}

function textOf(page: Page | undefined): string | undefined {
  const text = page && Buffer.from(page.read(0, page.length)).toString('latin1');
  page?.close?.();
  return text;
}

describe('folderPages()', () => {
  it('serves files under the directory, the media type from the bytes or else the name', () => {
    const pages = folderPages(laid());
    const page = pages.find('/picture.dat');
    expect(page).toMatchObject({ mediaType: 'image/jpeg', length: SMALL_JPEG.length });
    expect(textOf(page)).toBe(SMALL_JPEG.toString('latin1'));
    expect(textOf(pages.find('/same.dat'))).toBe(SMALL_JPEG.toString('latin1'));
    expect(pages.find('/sub/inner.css')?.mediaType).toMatch(/^text\/css/);
    expect(textOf(pages.find('/a%20b%20%3Ci%3E.txt'))).toBe('text');
  });

  it.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/sub/../../secret.txt',
    '/..%2fsecret.txt',
    '/sub/..%5c..%5csecret.txt',
    '/link.txt',
    '/up/secret.txt',
    '/.hidden',
    '/picture.dat%00',
    '/picture.dat/',
    '/%zz',
    '/absent',
  ])('has no page %s', (path) => {
    expect(folderPages(laid()).find(path)).toBeUndefined();
  });

  it('lets no path out of the directory', () => {
    const pages = folderPages(laid());
    const part = fc.constantFrom(
      '..',
      '.',
      '%2e',
      '%2E%2e',
      'up',
      'sub',
      'secret.txt',
      '%2f',
      '%5c',
      '%00',
      'link.txt',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        expect(textOf(pages.find(`/${parts.join('/')}`)) ?? '').not.toBe('secret');
      }),
    );
  });

  it('lists a directory, its names escaped, hidden files left out', () => {
    const pages = folderPages(laid());
    const text = textOf(pages.find('/'))!;
    expect(text).toContain('<a href="/sub/">sub/</a>');
    expect(text).toContain('<a href="/a%20b%20%3Ci%3E.txt">a b &#60;i&#62;.txt</a>');
    expect(text).not.toMatch(/hidden|link\.txt|<i>/);
    expect(textOf(pages.find('/sub'))).toContain('href="/sub/inner.css"');
  });

  it('serves one file alone where it is given one', () => {
    const pages = folderPages(join(laid(), 'picture.dat'));
    expect(pages.paths()).toEqual(['/picture.dat']);
    expect(pages.find('/picture.dat')?.mediaType).toBe('image/jpeg');
    expect(pages.find('/sub/inner.css')).toBeUndefined();
    expect(textOf(pages.find('/'))).not.toContain('sub');
  });

  it('fails to read a file that has shrunk, rather than to send fewer bytes than announced', () => {
    const root = laid();
    const page = folderPages(root).find('/picture.dat')!;
    truncateSync(join(root, 'picture.dat'), 10);
    expect(() => page.read(0, page.length)).toThrow('has shrunk');
  });
});
