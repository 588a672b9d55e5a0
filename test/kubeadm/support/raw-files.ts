import { createHash } from 'node:crypto';
import { linkedPath } from '../../../src/core/host-path.ts';
import { interpretHost } from '../../../src/kubeadm/host/interpret.ts';
import type { FileState, KubeadmHost } from '../../../src/kubeadm/host/model.ts';
import type { RawFile, RawFiles } from '../../../src/kubeadm/host/raw-files.ts';
import { type HostDescription, type HostFile, hostFiles } from './host-files.ts';
import { withoutSecrets } from './kubeconfig-text.ts';

const hosts = new Map<string, KubeadmHost>();

/** What is known of a described host; the same for the same description. */
export function describedHost(description: HostDescription = {}): KubeadmHost {
  const key = JSON.stringify(description);
  const { hidden, odd = [], closed = [] } = description;
  const raw = seenBy({ ...rawFiles(hostFiles(description).files), odd: new Set(odd), closed }, hidden);
  const host = hosts.get(key) ?? withKeys(interpretHost(raw), description);
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

/** What a session sees that may not read some of it. */
function seenBy(raw: RawFiles, hidden: readonly string[] | undefined): RawFiles {
  if (!hidden) return raw;
  const directories = hidden.filter((path) => path.endsWith('/'));
  const files = [...raw.files].filter(([path]) => !directories.some((directory) => path.startsWith(directory)));
  return {
    ...raw,
    files: new Map(
      files.map(([path, file]) => [
        path,
        hidden.includes(path) ? { state: file.state, certificates: '', publicHalves: [], text: undefined } : file,
      ]),
    ),
    hidden: {
      user: 'ops',
      files: new Set(hidden.filter((path) => !path.endsWith('/'))),
      directories: directories.map((path) => path.slice(0, -1)),
    },
  };
}

/** The files as the fact reads them from a host; `test/facts` proves that it does. */
export function rawFiles(files: ReadonlyMap<string, HostFile>): RawFiles {
  return {
    manifestsDirectory: '/etc/kubernetes/manifests',
    files: new Map([...files].map(([path, file]) => [path, rawFile(file)])),
  };
}

function stateOf({ path, content, mode, uid = 0, modifiedAt, link }: HostFile): FileState {
  return {
    path,
    mode,
    uid,
    gid: 0,
    size: Buffer.byteLength(content),
    modifiedAt,
    sha256: createHash('sha256').update(content).digest('hex'),
    ...(link !== undefined && { link, linkedAt: modifiedAt }),
  };
}

function rawFile(file: HostFile): RawFile {
  const isKubeconfig = file.path.endsWith('.conf');
  const isText =
    isKubeconfig || /\.(yaml|env)$|\/kubelet$/.test(file.path) || file.path.startsWith('/etc/kubernetes/manifests/');
  return {
    state: stateOf(file),
    inode: file.link === undefined ? file.path : linkedPath(file.path, file.link),
    certificates: isText
      ? ''
      : (file.content.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []).join('\n'),
    publicHalves: file.half === undefined ? [] : [file.half],
    text: isText ? withoutSecrets(file.content).replace(/\n$/, '') : undefined,
  };
}
