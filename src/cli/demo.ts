export async function runDemo(_options: {
  directory: string;
  out: (text: string) => void;
  colour: boolean;
  signal?: AbortSignal;
}): Promise<number> {
  return 1;
}
