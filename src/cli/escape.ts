/** C0 (tab and line end aside), DEL, C1, and the characters that turn the direction of text around. */
const UNSAFE = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

function visible(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** Text from the network made harmless for a terminal: no byte of it can move the cursor, set colours or answer for the user. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, visible);
}

/** The same for what must stay on one line. */
export function escapeLine(text: string): string {
  return escapeText(text).replace(/[\n\t]/g, (character) => (character === '\n' ? '\\n' : ' '));
}

/** The same for JSON: `JSON.stringify` leaves DEL, C1 and the characters of direction as they are. The value stays what it was. */
export function escapeJson(json: string): string {
  return json.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** A head's line, which was read as Latin-1, as the text that was meant: UTF-8 where it is valid. */
export function headText(line: string): string {
  const bytes = Buffer.from(line, 'latin1');
  const utf8 = bytes.toString('utf8');
  return escapeLine(utf8.includes('\ufffd') ? line : utf8);
}
