/** Shorter ones could be anything. */
const MIN_LENGTH = 16;

const KEY_BLOCK = /-----BEGIN [A-Z ]*PRIVATE KEY-----\n([\s\S]*?)-----END/g;
const KEY_DATA = /client-key-data"?: *"?([A-Za-z0-9+/=]+)/g;
const TOKEN = /\btoken"?: *"?([\w.-]+)/g;

/** What of a text must never be seen elsewhere: the lines of private keys, also of those in kubeconfigs, and tokens. */
export function secretsIn(text: string): readonly string[] {
  const data = [...text.matchAll(KEY_DATA)].flatMap(([, encoded = '']) => [
    encoded,
    ...secretsIn(Buffer.from(encoded, 'base64').toString('utf8')),
  ]);
  const lines = [...text.matchAll(KEY_BLOCK)].flatMap(([, body = '']) => body.split('\n'));
  const tokens = [...text.matchAll(TOKEN)].map(([, token = '']) => token);
  return [...data, ...lines, ...tokens].filter((secret) => secret.length >= MIN_LENGTH);
}
