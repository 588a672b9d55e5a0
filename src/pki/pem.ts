import { PkiError } from './pki-error.ts';

/** A block of a PEM text, not decoded. */
export interface PemBlock {
  /** `CERTIFICATE`, `RSA PRIVATE KEY`. */
  readonly label: string;
  /** The text between the BEGIN and the END line. */
  readonly body: string;
}

/**
 * The blocks with a wanted label, in order; surrounding text is ignored, as in Go's encoding/pem.
 * @throws {PkiError} if a wanted block has no end
 */
export function pemBlocks(text: string, isWanted: (label: string) => boolean): readonly PemBlock[] {
  const blocks: PemBlock[] = [];
  let open: { readonly label: string; readonly start: number } | undefined;
  for (const boundary of text.matchAll(/-----(BEGIN|END) ([A-Z0-9 ]{1,40})-----/g)) {
    const [line, kind, label = ''] = boundary;
    if (open && kind === 'END' && label === open.label) {
      blocks.push({ label, body: text.slice(open.start, boundary.index) });
      open = undefined;
    } else if (kind === 'BEGIN') {
      if (open) throw cutOff(open.label);
      if (isWanted(label)) open = { label, start: boundary.index + line.length };
    }
  }
  if (open) throw cutOff(open.label);
  return blocks;
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

function cutOff(label: string): PkiError {
  return new PkiError(`its ${label} block has no end: the file is truncated`);
}
