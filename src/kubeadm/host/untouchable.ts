import { baseName, normalPath } from '../../core/host-path.ts';
import {
  AUTHORITIES,
  DEFAULT_CERTIFICATES_DIRECTORY,
  KUBELET_CONFIG,
  KUBELET_EXTRA_FLAGS,
  KUBELET_FLAGS,
  SERVICE_ACCOUNT_BASE,
} from '../table.ts';
import { kubeletFlag } from './kubelet-flags.ts';
import type { Untouchable } from './model.ts';
import type { RawFiles } from './raw-files.ts';
import { commandsIn } from './static-pod.ts';

/** Flags of Kubernetes' components and etcd that name files of CAs, or of service account tokens. */
const FLAG =
  /^--(?:.*(?:-ca-?file|cafile|certificate-authority)|service-account-(?:signing-|private-)?key-file|cluster-signing-(?:[a-z-]+-)?(?:cert|key)-file)$/;

/** All files that must not be written, according to the host's own files. */
export function untouchables(files: RawFiles['files'], certificatesDirectory: string): readonly Untouchable[] {
  const named = [
    ...ownNames(certificatesDirectory),
    ...ownNames(DEFAULT_CERTIFICATES_DIRECTORY),
    ...[...files].flatMap(([path, { text }]) => (text === undefined ? [] : namedIn(path, text))),
  ];
  const byPath = new Map<string, string>();
  for (const [path, because] of named) if (!byPath.has(normalPath(path))) byPath.set(normalPath(path), because);
  return [...byPath].map(([path, because]) => {
    const inode = files.get(path)?.inode;
    const alsoAt = [...files].flatMap(([other, file]) =>
      other !== path && inode !== undefined && file.inode === inode ? [other] : [],
    );
    return { path, because, ...(inode !== undefined && { inode }), alsoAt };
  });
}

/**
 * The untouchable file that a path leads to; undefined if none. @param inode of the file at the path, to detect links and hard
 * links
 */
export function untouchableAt(
  untouchable: readonly Untouchable[],
  path: string,
  inode?: string,
): Untouchable | undefined {
  const wanted = normalPath(path);
  return untouchable.find(
    (one) => one.path === wanted || one.alsoAt.includes(wanted) || (inode !== undefined && one.inode === inode),
  );
}

function ownNames(directory: string): readonly (readonly [path: string, because: string])[] {
  return [
    ...AUTHORITIES.flatMap(({ name, base }) =>
      ['crt', 'key'].map((end) => [`${directory}/${base}.${end}`, `the ${name} CA`] as const),
    ),
    ...['key', 'pub'].map(
      (end) => [`${directory}/${SERVICE_ACCOUNT_BASE}.${end}`, 'the key of service accounts'] as const,
    ),
  ];
}

function namedIn(path: string, text: string): readonly (readonly [string, string])[] {
  if (path === KUBELET_CONFIG) return clientAuthority(text).map((file) => [file, `clientCAFile of ${path}`]);
  if ([KUBELET_FLAGS, ...KUBELET_EXTRA_FLAGS].includes(path)) {
    const file = kubeletFlag(text, '--client-ca-file') ?? '';
    return file === '' ? [] : [[file, `a flag in ${path}`]];
  }
  if (path.endsWith('.conf'))
    return [...text.matchAll(/^[ -]*certificate-authority: *"?(\/[^\s"]+)/gm)].map(([, file = '']) => [
      file,
      `the CA that ${baseName(path)} names`,
    ]);
  return commandsIn(text).flatMap(namedByFlags);
}

/** The files named by flags of a command. A flag may be repeated; each occurrence counts. */
function namedByFlags(command: readonly string[]): readonly (readonly [string, string])[] {
  const program = baseName(command[0] ?? '');
  const given = command.flatMap((word, index): readonly (readonly [string, string])[] => {
    const [, flag = '', value] = /^(--[^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    return [[flag, value ?? command[index + 1] ?? '']];
  });
  const files = given.filter(([flag, value]) => FLAG.test(flag) && value.startsWith('/'));
  const named = files.map(([flag, value]) => [value, `named by ${program} ${flag}`] as const);
  if (program !== 'kube-apiserver' || given.some(([flag]) => flag === '--service-account-key-file')) return named;
  // "If unspecified, --tls-private-key-file is used" (kube-apiserver's own help).
  const tls = given.filter(([flag]) => flag === '--tls-private-key-file');
  return [...named, ...tls.map(([, value]) => [value, 'what verifies service account tokens'] as const)];
}

function clientAuthority(text: string): readonly string[] {
  return [...text.matchAll(/^ *clientCAFile: *"?(\/[^\s"]+)/gm)].map(([, file = '']) => file);
}
