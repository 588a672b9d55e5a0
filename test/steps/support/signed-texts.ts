import { parse } from 'yaml';
import type { Json, JsonObject } from '../../../src/core/json.ts';
import {
  credentialOfFile,
  type PendingRequest,
  requestKeyPath,
} from '../../../src/kubeadm/certificates/pending-request.ts';
import type { CredentialName } from '../../../src/kubeadm/table.ts';
import { certificatePem, publicKeyOf, readCertificates } from '../../../src/pki/certificate.ts';
import { type HostDescription, hostFiles, type LeafDescription } from '../../kubeadm/support/host-files.ts';
import { FOREIGN_KEY, RSA_KEY } from '../../kubeadm/support/keys.ts';
import { describedHost } from '../../kubeadm/support/raw-files.ts';

/**
 * Parameters whose certificates are described, `{ apiserver.crt: "signed { ends: 300d }" }`, with certificates as the CA of
 * the described host signs them. Data files hold no PEM.
 */
export function withCertificates(params: JsonObject, host: HostDescription): JsonObject {
  const { certificates } = params;
  if (certificates === undefined) return params;
  const hosts = Object.entries(certificates as Readonly<Record<string, Readonly<Record<string, string>>>>);
  const expanded = hosts.map(([name, files]): [string, Json] => [
    name,
    Object.fromEntries(Object.entries(files).map(([file, text]) => [file, pemOf(file, text, { ...host, node: name })])),
  ]);
  return { ...params, certificates: Object.fromEntries(expanded) };
}

function pemOf(file: string, text: string, host: HostDescription): string {
  if (!text.startsWith('signed')) return text;
  const name = credentialOfFile(file) ?? '';
  const leaf: LeafDescription = parse(text.slice('signed'.length)) ?? {};
  const signer: HostDescription = {
    ...host,
    ...(name.startsWith('etcd-') && { etcd: 'stacked' }),
    leaves: { ...host.leaves, [name]: leaf },
    aside: [],
  };
  const { files } = hostFiles(signer);
  const credential = describedHost(signer).credentials.find((candidate) => candidate.name === name);
  const content = files.get(credential?.certificatePath ?? '')?.content ?? '';
  const embedded = /client-certificate-data: (\S+)/.exec(content)?.[1];
  const pem = embedded === undefined ? content : Buffer.from(embedded, 'base64').toString();
  return readCertificates(pem).map(certificatePem).join('');
}

/** Keys that wait on a described host: `same` for the identity of the certificate that there is, `other key`, `other name`. */
export function requestsOf(
  described: Readonly<Record<string, string>>,
  host: HostDescription,
): readonly PendingRequest[] {
  const { credentials } = describedHost({ ...host, aside: [] });
  return Object.entries(described).flatMap(([name, said]): readonly PendingRequest[] => {
    const holding = credentials.find((credential) => credential.name === name)?.holding;
    if (holding?.state !== 'present') throw new Error(`${name} has no certificate to make a request from`);
    const { subject, dnsNames, ipAddresses, otherNames, key } = holding.certificate;
    const path = requestKeyPath(name as CredentialName);
    return [
      {
        name: name as CredentialName,
        request: {
          subject,
          dnsNames: said === 'other name' ? [...dnsNames, 'api.example.org'] : dnsNames,
          ipAddresses,
          otherNames,
          extendedKeyUsages: [],
          extensions: [],
          attributes: [],
          key,
          publicKey:
            said === 'other key' ? 'another' : Buffer.from(publicKeyOf(holding.certificate)).toString('base64'),
        },
        pem: `the request for ${name}\n`,
        publicHalf: said === 'other key' ? FOREIGN_KEY.half : RSA_KEY.half,
        keyFile: { path, mode: '0600', uid: 0, gid: 0, size: 1, modifiedAt: 0, sha256: 'the key' },
      },
    ];
  });
}
