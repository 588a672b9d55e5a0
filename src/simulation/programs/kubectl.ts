import { join } from 'node:path';
import { isJsonArray, isJsonObject, type JsonObject, objectsIn } from '../../core/json.ts';
import { systemErrorCode } from '../../core/system-error.ts';
import { type ApiClient, readApiClient } from '../components/api-client.ts';
import { REVIEW_PATH } from '../components/api-requests.ts';
import { pathOfList } from '../components/object-lists.ts';
import { readHostFile } from '../host-files.ts';
import type { HttpAnswer } from '../https-client.ts';
import { askApi } from './api-call.ts';
import { fail, operands, option, options, type ProgramCall, type ProgramResult, succeed } from './program.ts';

const VALUED = ['--kubeconfig', '--server', '--request-timeout', '--raw', '--as', '--as-group', '--subresource'];

/**
 * The part of `kubectl` that kplay uses: `get nodes`, `get nodes NAME`, lists of objects with CAs or requests, `get --raw
 * PATH` and `auth can-i`.
 */
export async function kubectl(call: ProgramCall): Promise<ProgramResult> {
  const { words, root } = call;
  let client: ApiClient;
  try {
    const text = readHostFile(option(words, '--kubeconfig') ?? '');
    client = atServer(
      readApiClient(text, (path) => readHostFile(join(root, path))),
      option(words, '--server'),
    );
  } catch (error) {
    return fail(`error: ${messageOf(error)}`);
  }
  const raw = option(words, '--raw');
  const [verb, kind, name] = operands(words, VALUED);
  if (verb === 'auth' && kind === 'can-i') return canI(call, client);
  const list = verb === 'get' ? pathOfList(kind ?? '') : undefined;
  if (list !== undefined) return objectLines(call, client, list);
  if (verb !== 'get' || (raw === undefined && kind !== 'nodes')) {
    return fail(`error: the simulated kubectl does not know '${words.join(' ')}'`);
  }
  try {
    const answer = await get(call, client, raw ?? `/api/v1/nodes${name === undefined ? '' : `/${name}`}`);
    if (answer.status !== 200) return fail(refusalText(answer));
    return succeed(raw === undefined ? nodeTable(answer.body, !words.includes('--no-headers')) : answer.body);
  } catch (error) {
    const text = connectionText(error, client);
    return fail(raw === undefined && isRefused(error) ? `${discoveryText(call, client)}${text}` : text);
  }
}

/** kubectl first tries five times to discover the API. */
const DISCOVERIES = 5;

function discoveryText({ words, now }: ProgramCall, { address, port }: ApiClient): string {
  const [month, day] = [now.getUTCMonth() + 1, now.getUTCDate()].map((part) => String(part).padStart(2, '0'));
  const timeout = option(words, '--request-timeout') ?? '32s';
  const question = `Get \\"https://${address}:${port}/api?timeout=${timeout}\\"`;
  const line = `E${month}${day} ${now.toISOString().slice(11, 23)}000    1000 memcache.go:265] "Unhandled Error" err="couldn't get current server API group list: ${question}: dial tcp ${address}:${port}: connect: connection refused"`;
  return `${line}\n`.repeat(DISCOVERIES);
}

function isRefused(error: unknown): boolean {
  return systemErrorCode(error) === 'ECONNREFUSED';
}

/** The output of kplay's template for each list. */
async function objectLines(call: ProgramCall, client: ApiClient, path: string): Promise<ProgramResult> {
  try {
    const answer = await get(call, client, path);
    const plural = path.split('/').at(-1) ?? '';
    if (answer.status === 404) return fail(`error: the server doesn't have a resource type "${plural}"`);
    if (answer.status !== 200) return fail(refusalText(answer));
    const lines = objectsAt(parsed(answer.body), 'items').flatMap((item) => linesOf(plural, item));
    return succeed(lines.map((line) => `${line}\n`).join(''));
  } catch (error) {
    return fail(connectionText(error, client));
  }
}

/** The fields are documented at https://kubernetes.io/docs/reference/kubernetes-api. */
function linesOf(plural: string, item: JsonObject): readonly string[] {
  const name = String(objectAt(item, 'metadata')['name']);
  const spec = objectAt(item, 'spec');
  const line = (holder: JsonObject, ...names: readonly string[]): readonly string[] =>
    typeof holder['caBundle'] === 'string' ? [[...names, holder['caBundle']].join(' ')] : [];
  switch (plural) {
    case 'apiservices':
      return line(spec, name);
    case 'customresourcedefinitions':
      return line(objectAt(objectAt(objectAt(spec, 'conversion'), 'webhook'), 'clientConfig'), name);
    case 'certificatesigningrequests': {
      if (spec['signerName'] !== 'kubernetes.io/kubelet-serving') return [];
      return [objectsAt(objectAt(item, 'status'), 'conditions').length > 0 ? `answered ${name}` : name];
    }
    default:
      return objectsAt(item, 'webhooks').flatMap((hook) =>
        line(objectAt(hook, 'clientConfig'), name, String(hook['name'])),
      );
  }
}

/** Prints yes, or prints no and fails. */
async function canI(call: ProgramCall, client: ApiClient): Promise<ProgramResult> {
  const query = new URLSearchParams([
    ['resource', `${operands(call.words, VALUED)[3]}/${option(call.words, '--subresource')}`],
    ['user', option(call.words, '--as') ?? ''],
    ...options(call.words, '--as-group').map((group): [string, string] => ['group', group]),
  ]);
  try {
    const answer = await get(call, client, `${REVIEW_PATH}?${query}`);
    if (answer.status !== 200) return fail(refusalText(answer));
    const isAllowed = objectAt(parsed(answer.body), 'status')['allowed'] === true;
    const stderr = "Warning: resource 'nodes' is not namespace scoped\n\n";
    return { exitCode: isAllowed ? 0 : 1, stdout: isAllowed ? 'yes\n' : 'no\n', stderr };
  } catch (error) {
    return fail(connectionText(error, client));
  }
}

function atServer(client: ApiClient, server: string | undefined): ApiClient {
  if (server === undefined) return client;
  const { hostname, port } = new URL(server);
  return { ...client, address: hostname, port: Number(port || 443) };
}

function get(call: ProgramCall, client: ApiClient, path: string): Promise<HttpAnswer> {
  return askApi(call, client, { path });
}

/** kubectl's message for an API server's refusal. */
function refusalText({ status, body }: HttpAnswer): string {
  if (status === 401) return 'error: You must be logged in to the server (Unauthorized)';
  const { reason, message } = parsed(body);
  return `Error from server (${String(reason ?? status)}): ${String(message ?? body)}`;
}

/** Go's message for a failed connection. */
function connectionText(error: unknown, { address, port }: ApiClient): string {
  const code = systemErrorCode(error);
  const verify = 'Unable to connect to the server: tls: failed to verify certificate: x509: certificate';
  switch (code) {
    case 'ECONNREFUSED':
      return `The connection to the server ${address}:${port} was refused - did you specify the right host or port?`;
    case 'CERT_HAS_EXPIRED':
    case 'CERT_NOT_YET_VALID':
      return `${verify} has expired or is not yet valid`;
    case 'ERR_TLS_CERT_ALTNAME_INVALID':
      return `${verify} is valid for other names, not ${address}`;
    case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE':
    case 'CERT_SIGNATURE_FAILURE':
    case 'SELF_SIGNED_CERT_IN_CHAIN':
    case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY':
      return `${verify} signed by unknown authority`;
    default:
      return `Unable to connect to the server: ${messageOf(error)}`;
  }
}

function nodeTable(body: string, withHeaders: boolean): string {
  const answer = parsed(body);
  const items = isJsonArray(answer['items']) ? answer['items'] : [answer];
  const rows = items.filter(isJsonObject).map(nodeRow);
  const head = withHeaders ? [['NAME', 'STATUS', 'ROLES', 'AGE', 'VERSION']] : [];
  return [...head, ...rows].map((row) => `${row.join('   ')}\n`).join('');
}

function nodeRow(node: JsonObject): readonly string[] {
  const metadata = objectAt(node, 'metadata');
  const status = objectAt(node, 'status');
  const conditions = isJsonArray(status['conditions']) ? status['conditions'] : [];
  const isReady = conditions.some((condition) => isJsonObject(condition) && condition['status'] === 'True');
  const version = objectAt(status, 'nodeInfo')['kubeletVersion'];
  const role = 'node-role.kubernetes.io/control-plane' in objectAt(metadata, 'labels') ? 'control-plane' : '<none>';
  return [String(metadata['name']), isReady ? 'Ready' : 'NotReady', role, '100d', String(version)];
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isJsonObject(value) ? value : {};
}

function objectsAt(object: JsonObject, key: string): readonly JsonObject[] {
  return objectsIn(object[key]);
}

function parsed(body: string): JsonObject {
  try {
    const value: unknown = JSON.parse(body);
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
