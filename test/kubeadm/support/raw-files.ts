import { createHash } from 'node:crypto';
import { interpretHost } from '../../../src/kubeadm/interpret.ts';
import type { FileState, KubeadmHost } from '../../../src/kubeadm/model.ts';
import type { RawFile, RawFiles } from '../../../src/kubeadm/raw-files.ts';
import { type HostDescription, type HostFile, hostFiles } from './host-files.ts';
import { withoutSecrets } from './kubeconfig-text.ts';

const hosts = new Map<string, KubeadmHost>();

/** What is known of a described host; the same for the same description. */
export function describedHost(description: HostDescription = {}): KubeadmHost {
  const key = JSON.stringify(description);
  const host = hosts.get(key) ?? withKeys(interpretHost(rawFiles(hostFiles(description).files)), description);
  hosts.set(key, host);
  return host;
}

function withKeys(host: KubeadmHost, { authorityKeys }: HostDescription): KubeadmHost {
  if (authorityKeys === undefined) return host;
  const authorities = host.authorities.map((authority) =>
    authority.certificate ? { ...authority, certificate: { ...authority.certificate, key: authorityKeys } } : authority,
  );
  return { ...host, authorities };
}

/** The files as the fact reads them from a host; `test/facts` proves that it does. */
export function rawFiles(files: ReadonlyMap<string, HostFile>): RawFiles {
  return {
    manifestsDirectory: '/etc/kubernetes/manifests',
    files: new Map([...files].map(([path, file]) => [path, rawFile(file)])),
  };
}

function stateOf({ path, content, mode, modifiedAt, link }: HostFile): FileState {
  return {
    path,
    mode,
    uid: 0,
    gid: 0,
    size: Buffer.byteLength(content),
    modifiedAt,
    sha256: createHash('sha256').update(content).digest('hex'),
    ...(link !== undefined && { link }),
  };
}

function rawFile(file: HostFile): RawFile {
  const isKubeconfig = file.path.endsWith('.conf');
  const isText = isKubeconfig || /\.(yaml|env)$/.test(file.path) || file.path.startsWith('/etc/kubernetes/manifests/');
  return {
    state: stateOf(file),
    certificates: isText
      ? ''
      : (file.content.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []).join('\n'),
    publicHalves: file.half === undefined ? [] : [file.half],
    text: isText ? withoutSecrets(file.content).replace(/\n$/, '') : undefined,
  };
}
