import { randomBytes } from 'node:crypto';
import { parseDuration } from '../../core/duration.ts';
import { readApiClient } from '../components/api-client.ts';
import { SECRETS_PATH } from '../components/bootstrap-requests.ts';
import { readHostFile } from '../host-files.ts';
import type { HttpRequest } from '../https-client.ts';
import { askApi } from './api-call.ts';
import { fail, option, type ProgramCall, type ProgramResult, succeed } from './program.ts';

/** `kubeadm token create`: makes a token and prints it. */
export async function createToken(call: ProgramCall): Promise<ProgramResult> {
  const [id, secret] = [letters(6), letters(16)];
  const expiration = new Date(call.now.getTime() + parseDuration(option(call.words, '--ttl') ?? '24h'));
  const body = {
    kind: 'Secret',
    type: 'bootstrap.kubernetes.io/token',
    metadata: { name: `bootstrap-token-${id}` },
    stringData: { 'token-id': id, 'token-secret': secret, expiration: expiration.toISOString() },
  };
  const failure = await sendRequest(call, { method: 'POST', path: SECRETS_PATH, body });
  return failure === undefined ? succeed(`${id}.${secret}\n`) : fail(failure);
}

/** `kubeadm token delete ID` */
export async function deleteToken(id: string, call: ProgramCall): Promise<ProgramResult> {
  const failure = await sendRequest(call, { method: 'DELETE', path: `${SECRETS_PATH}/bootstrap-token-${id}` });
  return failure === undefined ? succeed(`bootstrap token "${id}" deleted\n`) : fail(failure);
}

/** The reason of a failure; undefined on success. */
async function sendRequest(call: ProgramCall, request: HttpRequest): Promise<string | undefined> {
  const kubeconfig = option(call.words, '--kubeconfig') ?? `${call.root}/etc/kubernetes/admin.conf`;
  const client = readApiClient(readHostFile(kubeconfig), (path) => readHostFile(`${call.root}${path}`));
  const { status, body } = await askApi(call, client, request);
  return status === 200 ? undefined : `error: the API server answers ${status}: ${body}`;
}

/** Random characters of tokens: `[a-z0-9]`. */
function letters(count: number): string {
  return [...randomBytes(count)].map((byte) => (byte % 36).toString(36)).join('');
}
