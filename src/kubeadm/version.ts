/** A Kubernetes release. kubeadm's features depend on the minor version only. */
export interface Version {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** `v1.33.13`, `1.8.0-beta.1`, also in the middle of a line; undefined if the text contains no version. */
export function parseVersion(text: string): Version | undefined {
  const match = /\bv?(\d+)\.(\d+)\.(\d+)/.exec(text);
  return match ? { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3]) } : undefined;
}

/** `v1.33.13`: as kubeadm prints it, without a pre-release. */
export function formatVersion({ major, minor, patch }: Version): string {
  return `v${major}.${minor}.${patch}`;
}

/** Negative when a is older than b. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch;
}
