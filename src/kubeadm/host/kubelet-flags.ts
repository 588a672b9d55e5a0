/**
 * The value of a flag of kubelet in an environment file (`KUBELET_KUBEADM_ARGS="--flag=value --flag value"`), empty if it has none;
 * undefined without the flag. As with kubelet the last one counts; as with systemd lines that begin with `#` or `;` are comments.
 */
export function kubeletFlag(text: string, flag: string): string | undefined {
  // A dash in the place of a name: the value of a variable is none of the last flag in another one.
  const words = text.replace(/^[ \t]*([#;].*|\w+=)/gm, '- ').split(/[\s"']+/);
  const at = words.findLastIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const word = words[at];
  if (word === undefined) return undefined;
  if (word !== flag) return word.slice(flag.length + 1);
  const next = words[at + 1] ?? '';
  return next.startsWith('-') ? '' : next;
}
