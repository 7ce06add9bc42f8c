/** How a terminal shows pictures. */
export type TerminalKind = 'kitty' | 'iterm' | 'sixel' | 'half-blocks';

/** How long a terminal may take to answer what it is. */
const ANSWER_MS = 250;

/** By what the environment says of the terminal, or else by what it says of itself. */
export async function terminalKind(env = process.env): Promise<TerminalKind> {
  return kindByEnvironment(env) ?? ((await hasSixels()) ? 'sixel' : 'half-blocks');
}

export function kindByEnvironment(env: NodeJS.ProcessEnv): TerminalKind | undefined {
  // A multiplexer in between passes no pictures on.
  if (env.TMUX !== undefined || /^(screen|tmux)/.test(env.TERM ?? '')) return 'half-blocks';
  if (env.KITTY_WINDOW_ID !== undefined || /kitty|ghostty/.test(env.TERM ?? '')) return 'kitty';
  if (/^(iTerm\.app|WezTerm|mintty)$/.test(env.TERM_PROGRAM ?? '') || env.LC_TERMINAL === 'iTerm2')
    return 'iterm';
  return undefined;
}

/** Primary device attributes (DA1): a terminal with sixels names 4 among its features. */
export function saysSixels(answer: string): boolean {
  const features = /\x1b\[\?([\d;]*)c/.exec(answer)?.[1];
  return features?.split(';').slice(1).includes('4') ?? false;
}

/** Asks the terminal, where there is one to ask. */
async function hasSixels(): Promise<boolean> {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) return false;
  const wasRaw = stdin.isRaw;
  stdin.setRawMode(true);
  try {
    return saysSixels(await answerTo('\x1b[c'));
  } finally {
    stdin.setRawMode(wasRaw);
    stdin.pause();
  }
}

function answerTo(question: string): Promise<string> {
  const { stdin, stdout } = process;
  return new Promise((resolve) => {
    let answer = '';
    const end = () => {
      clearTimeout(timer);
      stdin.off('data', take);
      resolve(answer);
    };
    const take = (data: Buffer) => {
      answer += data.toString('latin1');
      if (/\x1b\[\?[\d;]*c/.test(answer)) end();
    };
    const timer = setTimeout(end, ANSWER_MS);
    stdin.on('data', take);
    stdout.write(question);
  });
}
