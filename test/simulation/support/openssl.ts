import { spawn } from 'node:child_process';

/** Runs `openssl` with a text as its input and returns what it printed. Not at the cost of the servers in this process. */
export function openssl(words: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn('openssl', words, { stdio: ['pipe', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('error', reject);
    child.on('close', () => resolve(said));
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}

/** The serial of what a local port serves, as openssl's client sees it; empty when nothing answers. */
export async function servedSerial(port: number | undefined): Promise<string> {
  if (port === undefined) return '';
  const chain = await openssl(['s_client', '-connect', `127.0.0.1:${port}`, '-showcerts']);
  return serialOf(chain);
}

/** The fingerprint of what a local port serves; of a port that does not answer, what openssl says. */
export async function servedFingerprint(port: number): Promise<string> {
  return fingerprintOf(await openssl(['s_client', '-connect', `127.0.0.1:${port}`, '-showcerts']));
}

/** Of the first certificate in a PEM text: kubelets up to 1.27 give all that they make the same serial. */
export async function fingerprintOf(pem: string): Promise<string> {
  return (await openssl(['x509', '-noout', '-fingerprint', '-sha256'], pem)).trim();
}

/** Of the first certificate in a PEM text. */
export async function serialOf(pem: string): Promise<string> {
  return (await openssl(['x509', '-noout', '-serial'], pem)).replace('serial=', '').trim();
}
