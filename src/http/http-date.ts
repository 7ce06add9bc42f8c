// IMF-fixdate, and the two obsolete forms that a recipient must still read (RFC 9110 §5.6.7).
const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/;
const RFC_850 = /^[A-Z][a-z]{5,8}, \d{2}-[A-Z][a-z]{2}-\d{2} \d{2}:\d{2}:\d{2} GMT$/;
const ASCTIME = /^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2} \d{4}$/;

/** An HTTP-date (RFC 9110 §5.6.7) in milliseconds since 1970; undefined for any other text. */
export function readHttpDate(text: string): number | undefined {
  if (IMF_FIXDATE.test(text) || RFC_850.test(text)) return known(Date.parse(text));
  if (ASCTIME.test(text)) return known(Date.parse(`${text} GMT`));
  return undefined;
}

function known(ms: number): number | undefined {
  return Number.isNaN(ms) ? undefined : ms;
}
