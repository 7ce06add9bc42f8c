/** Names that lead astray, and places where something lies in wait. */

import { SMALL_JPEG } from '../support/pictures.js';
import { typed } from '../support/replies.js';
import { closesAfter } from './acts.js';
import type { Scenario } from './scenario.js';

/** The name that a server gives by Content-Disposition, as its bytes, and the one under which the picture is saved. */
const DISPOSITIONS: readonly [what: string, value: string, name: string][] = [
  ['that climbs up', 'attachment; filename="../../outside/evil.jpg"', 'evil.jpg'],
  ['that climbs up, encoded', "attachment; filename*=UTF-8''..%2f..%2foutside%2fevil.jpg", 'evil.jpg'],
  ['that climbs up by backslashes', 'attachment; filename="..\\\\..\\\\evil.jpg"', 'evil.jpg'],
  ['that is absolute', 'attachment; filename="/etc/cron.d/evil"', 'evil.jpg'],
  ['of a drive', 'attachment; filename="C:\\\\Windows\\\\evil.jpg"', 'evil.jpg'],
  ['of a drive without a path', 'attachment; filename="C:evil.jpg"', 'C_evil.jpg'],
  ['of a share', 'attachment; filename="\\\\\\\\host\\\\share\\\\evil.jpg"', 'evil.jpg'],
  ['of another stream of a file', 'attachment; filename="evil.jpg:hidden"', 'evil.jpg_hidden.jpg'],
  ['of the home directory', 'attachment; filename="~/.ssh/authorized_keys"', 'authorized_keys.jpg'],
  ['that hides', 'attachment; filename=".bashrc"', 'bashrc.jpg'],
  ['of dots', 'attachment; filename="...."', 'cover.jpg'],
  ['of dots and a slash', 'attachment; filename="../"', 'cover.jpg'],
  ['that is an option', 'attachment; filename="-rf"', 'rf.jpg'],
  ['that is a long option', 'attachment; filename="--output=evil.jpg"', 'output=evil.jpg'],
  ['of a device of Windows', 'attachment; filename="CON"', '_CON.jpg'],
  ['of a device of Windows with an extension', 'attachment; filename="nul.tar.jpg"', '_nul.tar.jpg'],
  ['of a printer of Windows', "attachment; filename*=UTF-8''LPT%C2%B9.jpg", '_LPT\u00b9.jpg'],
  ['with wildcards and pipes', 'attachment; filename="a|b<c>*?.jpg"', 'a_b_c___.jpg'],
  ['with NUL', "attachment; filename*=UTF-8''evil%00.jpg", 'evil_.jpg'],
  ['with line ends', "attachment; filename*=UTF-8''evil%0d%0a.jpg", 'evil__.jpg'],
  ['with escape sequences', "attachment; filename*=UTF-8''%1b%5b31mevil%1b%5b0m.jpg", '_[31mevil_[0m.jpg'],
  ['with a raw escape sequence', 'attachment; filename="\x1b[2Jevil.jpg"', '_[2Jevil.jpg'],
  ['with C1 control characters', "attachment; filename*=UTF-8''evil%C2%9B31m.jpg", 'evil_31m.jpg'],
  ['that turns its direction', "attachment; filename*=UTF-8''evil%E2%80%AEgpj.exe", 'evil_gpj.exe.jpg'],
  ['with a line separator', "attachment; filename*=UTF-8''evil%E2%80%A8.jpg", 'evil_.jpg'],
  ['of 300 bytes', `attachment; filename="${'n'.repeat(296)}.jpg"`, `${'n'.repeat(226)}.jpg`],
  [
    'of 300 bytes in characters of four',
    `attachment; filename*=UTF-8''${'%F0%9F%93%B7'.repeat(75)}.jpg`,
    `${'\u{1f4f7}'.repeat(56)}.jpg`,
  ],
  ['that ends in dots and spaces', 'attachment; filename="evil.jpg. . ."', 'evil.jpg'],
  ['of white space', 'attachment; filename=" "', 'cover.jpg'],
  ['that is empty', 'attachment; filename=""', 'cover.jpg'],
  ['that never ends', 'attachment; filename="evil', 'cover.jpg'],
  ['that is given twice', 'attachment; filename="a.jpg"; filename="../b.jpg"', 'a.jpg'],
  ['in a charset that nobody knows', "attachment; filename*=x-odd''evil.jpg", 'cover.jpg'],
  ['that is wrongly encoded', "attachment; filename*=UTF-8''%ff%fe.jpg", 'cover.jpg'],
  ['with a wrong extension', 'attachment; filename="evil.png"', 'evil.jpg'],
  ['of a program', 'attachment; filename="evil.exe"', 'evil.exe.jpg'],
  ['of a page', 'attachment; filename="evil.html"', 'evil.jpg'],
  ['of other scripts', "attachment; filename*=UTF-8''%E5%86%99%E7%9C%9F.jpg", '\u5199\u771f.jpg'],
];

/** The same of the URL's last segment. */
const SEGMENTS: readonly [what: string, path: string, name: string][] = [
  ['that climbs up, encoded', '/a/%2e%2e%2f%2e%2e%2fevil.jpg', 'evil.jpg'],
  ['that climbs up by backslashes, encoded', '/..%5c..%5cevil.jpg', 'evil.jpg'],
  ['that is encoded twice', '/%252e%252e%252fevil.jpg', '%2e%2e%2fevil.jpg'],
  ['with NUL', '/evil%00.jpg', 'evil_.jpg'],
  ['with a line end', '/evil%0a.jpg', 'evil_.jpg'],
  ['with an escape sequence', '/%1b%5b31m.jpg', '_[31m.jpg'],
  ['that hides', '/.htaccess', 'htaccess.jpg'],
  ['that is an option', '/-o', 'o.jpg'],
  ['of a device of Windows', '/aux', '_aux.jpg'],
  ['that is no UTF-8', '/%ff%fe.jpg', '%ff%fe.jpg'],
  ['that is empty', '/a/b/', 'image.jpg'],
  ['of 2,000 bytes', `/${'n'.repeat(2000)}`, `${'n'.repeat(230)}.jpg`],
];

const PICTURE = typed(SMALL_JPEG, 'image/jpeg');

function disposed(value: string): Buffer {
  return typed(SMALL_JPEG, 'image/jpeg', [['Content-Disposition', value]]);
}

export const NAMES: readonly Scenario[] = [
  ...DISPOSITIONS.map(
    ([what, value, name]): Scenario => ({
      name: `A name of Content-Disposition ${what} stays inside, and harmless`,
      server: closesAfter(disposed(value)),
      status: 0,
      leaves: { [name]: SMALL_JPEG },
    }),
  ),
  ...SEGMENTS.map(
    ([what, path, name]): Scenario => ({
      name: `A name of the URL ${what} stays inside, and harmless`,
      server: closesAfter(PICTURE),
      url: `{origin}${path}`,
      status: 0,
      leaves: { [name]: SMALL_JPEG },
    }),
  ),
  {
    name: 'A name that is taken is not given again',
    server: closesAfter(PICTURE),
    before: { 'cover.jpg': 'older' },
    status: 0,
    leaves: { 'cover.1.jpg': SMALL_JPEG },
  },
  {
    name: 'A name that is a directory is not given again',
    server: closesAfter(PICTURE),
    before: { 'cover.jpg/': '' },
    status: 0,
    leaves: { 'cover.1.jpg': SMALL_JPEG },
  },
  {
    name: 'A name that is a link out of the directory is not given again, and the link not followed',
    server: closesAfter(PICTURE),
    before: { 'cover.jpg': { link: '../outside/precious' } },
    status: 0,
    leaves: { 'cover.1.jpg': SMALL_JPEG },
  },
  {
    name: 'A name that is a dangling link out of the directory is not given again, and nothing made where it leads',
    server: closesAfter(PICTURE),
    before: { 'cover.jpg': { link: '../outside/new' } },
    status: 0,
    leaves: { 'cover.1.jpg': SMALL_JPEG },
  },
  {
    name: 'A link in the place of the part file is not followed',
    server: closesAfter(PICTURE),
    before: { 'cover.jpg.part': { link: '../outside/precious' } },
    status: 0,
    leaves: { 'cover.1.jpg': SMALL_JPEG },
  },
  {
    name: 'With -o a link in the place of the part file is replaced, not followed',
    server: closesAfter(PICTURE),
    args: ['-o', 'cover.jpg'],
    before: { 'cover.jpg.part': { link: '../outside/precious' } },
    removes: ['cover.jpg.part'],
    status: 0,
    leaves: { 'cover.jpg': SMALL_JPEG },
  },
  {
    name: 'An older file stays when what was to replace it is cut short',
    server: closesAfter(PICTURE.subarray(0, -1)),
    args: ['-o', 'cover.jpg'],
    before: { 'cover.jpg': 'older' },
    status: 18,
    says: /cut|after \d+ bytes/,
  },
];
