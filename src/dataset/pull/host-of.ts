/** The host of a URL, by which rows are scheduled; '' for what is no URL of ours, which no host answers for. */
export function hostOf(url: string): string {
  try {
    const { protocol, hostname } = new URL(url);
    return protocol === 'http:' || protocol === 'https:' ? hostname : '';
  } catch {
    return '';
  }
}
