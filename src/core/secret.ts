import { inspect } from 'node:util';

const HIDDEN = '***';

/** A value that must never be shown. Every way of printing it prints `***`; only `reveal` gives it away. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself: for the one place that needs it, never for a message. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return HIDDEN;
  }

  toJSON(): string {
    return HIDDEN;
  }

  [inspect.custom](): string {
    return `Secret(${HIDDEN})`;
  }
}

/**
 * Takes known secrets and anything that looks like private key material out of a text, for output that comes from hosts.
 * Secrets shorter than four characters are not searched for: hiding them would only reveal where they stand.
 */
export class SecretMask {
  readonly #values = new Set<string>();

  add(secret: Secret): void {
    for (const line of secret.reveal().split('\n')) {
      if (line.trim().length >= 4) this.#values.add(line.trim());
    }
  }

  apply(text: string): string {
    let masked = text.replace(
      /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[\s\S]*?(?:-----END \1-----|$)/g,
      `-----BEGIN $1----- ${HIDDEN}`,
    );
    masked = masked.replace(/(client-key-data:\s*)\S+/g, `$1${HIDDEN}`);
    for (const value of this.#values) masked = masked.replaceAll(value, HIDDEN);
    return masked;
  }
}
