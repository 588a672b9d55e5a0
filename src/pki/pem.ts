import { PkiError } from './pki-error.ts';

/** A block of a PEM text, not decoded. */
export interface PemBlock {
  /** `CERTIFICATE`, `RSA PRIVATE KEY`. */
  readonly label: string;
  /** The text between the BEGIN and the END line. */
  readonly body: string;
}

/**
 * The blocks with a wanted label, in order; surrounding text is ignored. Each boundary needs a line of its own, as in Go's
 * encoding/pem: Kubernetes would not read the block otherwise.
 * @throws {PkiError} if a wanted block has no end
 */
export function pemBlocks(text: string, isWanted: (label: string) => boolean): readonly PemBlock[] {
  return parts(text, isWanted).map((part) => {
    if (part instanceof PkiError) throw part;
    return part;
  });
}

/** The same without those that have no end. */
export function completePemBlocks(text: string, isWanted: (label: string) => boolean): readonly PemBlock[] {
  return parts(text, isWanted).flatMap((part) => (part instanceof PkiError ? [] : [part]));
}

function parts(text: string, isWanted: (label: string) => boolean): readonly (PemBlock | PkiError)[] {
  const found: (PemBlock | PkiError)[] = [];
  let open: { readonly label: string; readonly start: number } | undefined;
  for (const boundary of text.matchAll(/^-----(BEGIN|END) ([A-Z0-9 ]{1,40})-----[ \t]*$/gm)) {
    const [line, kind, label = ''] = boundary;
    if (open && kind === 'END' && label === open.label) {
      const body = text.slice(open.start, boundary.index);
      found.push(body.includes('-----') ? endless(open, text) : { label, body });
      open = undefined;
    } else if (kind === 'BEGIN') {
      if (open) found.push(endless(open, text));
      open = isWanted(label) ? { label, start: boundary.index + line.length } : undefined;
    }
  }
  return open ? [...found, endless(open, text)] : found;
}

/** The bytes of a block. @throws {PkiError} if it is not base64, or has header lines */
export function decodePemBody({ label, body }: PemBlock): Buffer {
  const base64 = body.replace(/\s+/g, '');
  if (base64 === '' || base64.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(base64)) {
    throw new PkiError(`its ${label} block is not base64: it is damaged`);
  }
  return Buffer.from(base64, 'base64');
}

/** A PEM text in the format of Go and openssl: lines of 64 characters and a final newline. */
export function encodePem(label: string, der: Uint8Array): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n');
}

function endless({ label, start }: { readonly label: string; readonly start: number }, text: string): PkiError {
  return new PkiError(
    text.startsWith(`-----END ${label}-----`, text.indexOf('-----', start))
      ? `something is joined to the last line of its ${label} block`
      : `its ${label} block has no end: the file is truncated`,
  );
}
