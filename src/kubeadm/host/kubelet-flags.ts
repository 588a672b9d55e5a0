/** The variables that kubeadm's unit gives to kubelet, in the order in which it does. */
const VARIABLES = ['KUBELET_KUBEADM_ARGS', 'KUBELET_EXTRA_ARGS'] as const;

/**
 * The value of a flag of kubelet in environment files (`KUBELET_KUBEADM_ARGS="--flag=value --flag value"`), empty if it has none;
 * undefined without the flag. As with kubelet the last one counts; as with systemd the last assignment of a variable replaces the others,
 * lines that begin with `#` or `;` are comments, and `export` assigns nothing.
 */
export function kubeletFlag(text: string, flag: string): string | undefined {
  const [, ...parts] = text.replace(/^[ \t]*[#;].*/gm, '').split(/^[ \t]*((?:export[ \t]+)?\w+)=/m);
  const assigned = new Map<string, string>();
  for (let at = 0; at < parts.length; at += 2) assigned.set(parts[at] ?? '', parts[at + 1] ?? '');
  // A dash before each: a value is none of the last flag of the other one.
  const words = VARIABLES.map((name) => `- ${assigned.get(name) ?? ''}`)
    .join(' ')
    .split(/[\s"']+/);
  const at = words.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const word = words[at];
  if (word === undefined) return undefined;
  if (word !== flag) return word.slice(flag.length + 1);
  const next = words[at + 1] ?? '';
  return next.startsWith('-') ? '' : next;
}
