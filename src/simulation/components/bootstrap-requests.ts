import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { isJsonObject, type JsonObject } from '../../core/json.ts';
import { Secret } from '../../core/secret.ts';
import { LEAF_VALIDITY_MS } from '../../kubeadm/table.ts';
import { readCertificates } from '../../pki/certificate.ts';
import { issueCertificate } from '../../pki/issue.ts';
import { readPrivateKey } from '../../pki/private-key.ts';
import { readRequest } from '../../pki/request-reading.ts';
import { PKI_DIRECTORY } from '../credential-files.ts';
import { readBody } from '../https-client.ts';
import type { ComponentContext } from './component.ts';
import { refuse, send } from './responses.ts';

export const SECRETS_PATH = '/api/v1/namespaces/kube-system/secrets';
export const SIGNING_REQUESTS_PATH = '/apis/certificates.k8s.io/v1/certificatesigningrequests';
const SECRET_PREFIX = 'bootstrap-token-';
/** By how much controller-manager backdates what it signs. */
const BACKDATE_MS = 5 * 60_000;

/** Creates or deletes the Secret of a bootstrap token on behalf of an administrator. */
export async function answerSecret(
  { members }: ComponentContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (request.method === 'POST') {
    const { metadata, stringData } = await bodyOf(request);
    const [fields, { name }] = [objectOf(stringData), objectOf(metadata)];
    members.tokens.set(String(name).slice(SECRET_PREFIX.length), {
      secret: String(fields['token-secret']),
      expiresAt: Date.parse(String(fields['expiration'])),
    });
    return send(response, { kind: 'Secret', metadata: { name: String(name) } });
  }
  const name = request.url?.slice(SECRETS_PATH.length + 1) ?? '';
  if (request.method === 'DELETE' && members.tokens.delete(name.slice(SECRET_PREFIX.length)))
    return send(response, { kind: 'Status', status: 'Success' });
  refuse(response, 404, 'NotFound', `secrets "${name}" not found`);
}

/**
 * A certificate signing request of a client with a token. The real API signs later: here it is approved and signed
 * immediately, if a controller-manager runs that could do so.
 */
export async function answerSigningRequest(
  context: ComponentContext,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  if (!isAdmitted(context, request.headers.authorization)) return refuse(response, 401, 'Unauthorized', 'Unauthorized');
  const { request: pem } = objectOf((await bodyOf(request))['spec']);
  const certificate = sign(context, Buffer.from(String(pem), 'base64').toString('utf8'));
  send(response, {
    kind: 'CertificateSigningRequest',
    status: certificate === undefined ? {} : { certificate: Buffer.from(certificate).toString('base64') },
  });
}

function isAdmitted({ members, clock }: ComponentContext, authorization: string | undefined): boolean {
  const [, id = '', secret] = /^Bearer ([a-z0-9]{6})\.([a-z0-9]{16})$/.exec(authorization ?? '') ?? [];
  const token = members.tokens.get(id);
  return token !== undefined && token.secret === secret && token.expiresAt > clock().getTime();
}

/** Undefined if nobody signs: no controller-manager runs, or none has the CA's key. */
function sign({ members, files, clock }: ComponentContext, pem: string): string | undefined {
  const [authority] = readCertificates(files.read(`${PKI_DIRECTORY}/ca.crt`));
  const key = files.readIfThere(`${PKI_DIRECTORY}/ca.key`);
  if (members.leader('kube-controller-manager') === undefined || !authority || key === undefined) return undefined;
  const { subject, publicKey } = readRequest(pem);
  const now = clock().getTime();
  return issueCertificate({
    subject,
    extendedKeyUsages: ['clientAuth'],
    publicKey: Buffer.from(publicKey, 'base64'),
    authority: { certificate: authority, privateKey: readPrivateKey(new Secret(key)) },
    notBefore: now - BACKDATE_MS,
    notAfter: Math.min(now + LEAF_VALIDITY_MS, authority.notAfter),
    serial: randomBytes(8),
  });
}

async function bodyOf(request: IncomingMessage): Promise<JsonObject> {
  return objectOf(JSON.parse(await readBody(request)));
}

function objectOf(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
