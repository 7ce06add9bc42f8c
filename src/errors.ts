/**
 * Every failure of sluice is one `SluiceError`; its code is a row of the table below, and nothing else in the program
 * knows an exit status. Exit statuses are curl's numbers where curl has one; sluice's own begin at 110.
 */

/** Where in a retrieval something failed; also the word used for the state, the clock and the message. */
export type Phase =
  | 'usage'
  | 'request'
  | 'resolve'
  | 'connect'
  | 'tls'
  | 'send'
  | 'first-byte'
  | 'receive'
  | 'redirect'
  | 'decode'
  | 'verify'
  | 'save';

interface ErrorRow {
  readonly phase: Phase;
  readonly exitCode: number;
  /** Said to strangers: nothing of addresses, paths or the inside. */
  readonly public: string;
}

/** The closed set of failure codes. */
export const ERROR_TABLE = {
  'option-invalid': { phase: 'usage', exitCode: 2, public: 'An option is not valid.' },
  'list-unreadable': { phase: 'usage', exitCode: 26, public: 'The list of URLs could not be read.' },
  'scheme-unsupported': { phase: 'request', exitCode: 1, public: 'Only http and https URLs are retrieved.' },
  'url-malformed': { phase: 'request', exitCode: 3, public: 'The URL is malformed.' },
  'name-not-resolved': { phase: 'resolve', exitCode: 6, public: 'The host name could not be resolved.' },
  'connection-refused': { phase: 'connect', exitCode: 7, public: 'The host could not be connected to.' },
  'connection-failed': { phase: 'connect', exitCode: 7, public: 'The host could not be connected to.' },
  'queue-failed': { phase: 'connect', exitCode: 7, public: 'The queue could not be reached.' },
  'proxy-failed': { phase: 'connect', exitCode: 7, public: 'The proxy could not be connected to.' },
  'proxy-refused': {
    phase: 'connect',
    exitCode: 56,
    public: 'The proxy did not open a connection to the host.',
  },
  'address-refused': { phase: 'connect', exitCode: 113, public: 'The host may not be connected to.' },
  'tls-failed': { phase: 'tls', exitCode: 35, public: 'A secure connection could not be made.' },
  'certificate-rejected': { phase: 'tls', exitCode: 60, public: "The host's certificate was not accepted." },
  'send-failed': { phase: 'send', exitCode: 55, public: 'The request could not be sent.' },
  'reply-empty': {
    phase: 'first-byte',
    exitCode: 52,
    public: 'The server closed the connection without a reply.',
  },
  'reply-malformed': { phase: 'receive', exitCode: 8, public: 'The reply is not valid HTTP/1.x.' },
  'cut-short': { phase: 'receive', exitCode: 18, public: 'The reply ended before it was complete.' },
  'connection-reset': { phase: 'receive', exitCode: 56, public: 'The connection broke while receiving.' },
  'http-status': { phase: 'receive', exitCode: 22, public: 'The server answered with an error status.' },
  'redirect-limit': { phase: 'redirect', exitCode: 47, public: 'The URL was redirected too often.' },
  'redirect-refused': {
    phase: 'redirect',
    exitCode: 47,
    public: 'The URL was redirected to where it may not go.',
  },
  'timeout-resolve': { phase: 'resolve', exitCode: 28, public: 'Resolving the host name took too long.' },
  'timeout-connect': { phase: 'connect', exitCode: 28, public: 'Connecting took too long.' },
  'timeout-tls': { phase: 'tls', exitCode: 28, public: 'The TLS handshake took too long.' },
  'timeout-first-byte': { phase: 'first-byte', exitCode: 28, public: 'The server took too long to reply.' },
  'timeout-idle': { phase: 'receive', exitCode: 28, public: 'The server stopped sending.' },
  'timeout-speed': { phase: 'receive', exitCode: 28, public: 'The server sent too slowly.' },
  'timeout-total': { phase: 'receive', exitCode: 28, public: 'The retrieval took too long.' },
  'coding-failed': {
    phase: 'decode',
    exitCode: 61,
    public: 'The content coding of the reply could not be undone.',
  },
  'too-large': { phase: 'receive', exitCode: 63, public: 'The body is larger than allowed.' },
  'write-failed': { phase: 'save', exitCode: 23, public: 'The body could not be stored.' },
  'not-an-image': { phase: 'verify', exitCode: 110, public: 'The body is not an image.' },
  'image-incomplete': { phase: 'verify', exitCode: 111, public: 'The image is incomplete.' },
  'image-undecodable': { phase: 'verify', exitCode: 112, public: 'The image could not be decoded.' },
  aborted: { phase: 'receive', exitCode: 130, public: 'The retrieval was aborted.' },
} as const satisfies Record<string, ErrorRow>;

/** A row of the table of failures. */
export type ErrorCode = keyof typeof ERROR_TABLE;

/** A failure: what failed (`code`), when (`phase`), in one sentence with numbers (`message`), and from what (`cause`). */
export class SluiceError extends Error {
  override readonly name = 'SluiceError';
  readonly code: ErrorCode;
  readonly phase: Phase;
  /** The status that the command exits with: curl's number, or one of sluice's own from 110. */
  readonly exitCode: number;
  /** Fit to be shown to a stranger: names no address, path or other detail of the inside. */
  readonly publicMessage: string;

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; phase?: Phase } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    const row = ERROR_TABLE[code];
    this.code = code;
    this.phase = options.phase ?? row.phase;
    this.exitCode = row.exitCode;
    this.publicMessage = row.public;
  }
}

/** The code of a system call's failure (`ECONNRESET`, `ENOSPC`), if `error` has one. */
export function systemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** What `error` says, in the form for the end of a sentence. */
export function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
