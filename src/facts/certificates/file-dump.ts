import { FactError } from '../../core/fact.ts';
import { type ShellScript, sh } from '../../core/shell.ts';
import type { FileState } from '../../kubeadm/host/model.ts';
import { HIDDEN_LINE, HIDDEN_VALUE, type RawFile } from '../../kubeadm/host/raw-files.ts';
import { publicHalfProgram } from '../../pki/public-half.ts';
import { linkTarget, ONE_LINE } from '../one-line.ts';
import { PUBLIC_DATA_AWK } from './public-data.ts';

export const INSTALL_STAT =
  "see what this says on the host: stat -L -c '%a %u %g %s %Y %y %n' /etc/kubernetes; install coreutils, or a newer busybox";

/** How many characters longer than the original a line may be when it is sent. */
export const LINE_GROWTH = HIDDEN_VALUE.length + 4;

/**
 * Prints what may leave the host. That depends on the `kind` that precedes a file among awk's operands. `certificate`: the CERTIFICATE blocks.
 * `text`: everything. `kubeconfig`: lines whose keys are known to contain no secret, and of other lines only the keys; of embedded certificates
 * the CERTIFICATE blocks, of comments the `#`. Anything unknown stays on the host.
 */
const CONTENTS_AWK = `${PUBLIC_DATA_AWK}
BEGIN { hidden = "${HIDDEN_VALUE}" }
# Of a line that goes on in flow style every key is to be known, and no address is to bring a login. What has more keys than
# anybody writes on a line is not gone through: a user's file may hold anything.
function harmless(line, part, count, i, rest) {
  # What is not plainly base64 is not gone through by public_data.
  rest = line
  while (match(rest, /(certificate-authority|client-certificate)-data["\\047]?[ \\t]*:[ \\t]*["\\047]?/)) {
    rest = substr(rest, RSTART + RLENGTH)
    if (rest !~ /^([A-Za-z0-9+\\/=]*["\\047]?|[|>][0-9+-]*)([ \\t\\r]*|[ \\t\\r]*[],}].*|[ \\t]+#.*)$/) return 0
  }
  if (line ~ /key-data|oken|assword|ecret|:\\/\\/[^ \\/]*@/) return 0
  # The colons of an IPv6 address end no key.
  gsub(/:\\/\\/\\[[0-9A-Za-z:.%]*\\]/, "://host", line)
  gsub(/["\\047][ \\t]*:/, ": ", line)
  count = split(line, part, ":")
  if (count > 40) return 0
  for (i = 1; i < count; i++) {
    if ((i + 1 < count || part[i + 1] != "") && part[i + 1] !~ /^[][ \\t{},]/) continue
    if (substr(part[i], length(part[i]) - 59) !~ /(^|[^A-Za-z0-9_.-])(apiVersion|kind|preferences|clusters|cluster|name|server|certificate-authority|certificate-authority-data|contexts|context|user|users|namespace|current-context|client-certificate|client-certificate-data|insecure-skip-tls-verify|tls-server-name)[ \\t]*$/) return 0
  }
  return 1
}
FNR == 1 { print (kind == "certificate" ? "=C " : "=T ") FILENAME; inside = 0; column = -1 }
# A block is told when its end is seen: behind one that has none there may be a private key.
kind == "certificate" && /^-----BEGIN CERTIFICATE-----[ \\t\\r]*$/ { print "|" $0; inside = 1; block = ""; next }
kind == "certificate" && inside && /-----/ {
  sub(/[ \\t\\r]+$/, "")
  # What is joined to the end stays here, too.
  if (index($0, "-----END CERTIFICATE-----") == 1) printf "%s|%s\\n", block, substr($0, 1, 26)
  inside = 0
}
kind == "certificate" && inside { block = block "|" $0 "\\n" }
kind == "certificate" { next }
kind == "text" { print "|" $0; next }
# What is indented further than a hidden key belongs to its value, and would not be YAML behind another one.
column >= 0 && /^[ \\t]*[^ \\t\\r]/ { match($0, /^[ \\t]*/); if (RLENGTH > column) { print "|${HIDDEN_LINE}"; next } column = -1 }
# Letters side by side in a certificate are no word.
/^[ \\t]*(- )?(certificate-authority|client-certificate)-data: +"?[A-Za-z0-9+\\/=]+"?[ \\t\\r]*$/ { print "|" public_data($0); next }
# Without a blank behind its colon it is no key, but a word: an argument of a program may be one.
/^[ \\t]*(- )?[A-Za-z-]+:([ \\t\\r]|$)/ && harmless($0) {
  sub(/[ \\t]#[^"\\047]*$/, " #")
  print "|" public_data($0)
  next
}
# Where a key is kept in a file the path of that is no secret; no key begins with a slash, or ends as the name of a file.
/^[ \\t]*(- )?client-key: *"?([^ "]+[.](key|pem|crt)|\\/[^ "]*)"?[ \\t]*$/ && length($0) < 300 { print "|" $0; next }
# An empty one is none: the other one of the two counts then.
/^[ \\t]*(- )?client-key(-data)?:[ \\t]+(""|\\047\\047|null|~)([ \\t]+#.*|[ \\t\\r]*)$/ { sub(/:.*/, ": \\"\\""); print "|" $0; next }
# A key of which nothing stands on its line holds other keys, as exec and auth-provider do.
/^[ \\t]*(- )?[A-Za-z-]+:[ \\t\\r]*$/ && !/key-data|oken|assword|ecret/ { print "|" $0; next }
# Of a key that is not on this line the comment tells that it cannot be replaced here.
/^[ \\t]*(- )?[A-Za-z-]+:([ \\t\\r]|$)/ {
  match($0, /^[ \\t]*(- )?/)
  column = RLENGTH
  below = /client-key-data:[ \\t]*([|>][0-9+-]*)?[ \\t\\r]*$/ ? " #" : ""
  sub(/:.*/, ": ${HIDDEN_VALUE}" below)
  print "|" $0
  next
}
{ print "|${HIDDEN_LINE}" }
`;

/**
 * Shell functions for probes that read files, by absolute paths; they print what may be known of them. `states`: state and digest
 * of each; `contents` and `halves`: the public part of their content. `parseDump` reads the records. Few programs are started,
 * however many files there are: every host is observed many times in a run.
 */
export const DUMP_FUNCTIONS: ShellScript = sh`kplay_half=${publicHalfProgram()}
states() {
  [ $# -gt 0 ] || return 0
  stat -L -c '=F %a %u %g %s %Y %y %n
=I %d:%i %n' "$@" 2>/dev/null
  sha256sum "$@" 2>/dev/null | sed 's/^/=S /'
  [ ! -d /sys/fs/selinux ] || stat -L -c '=Z %C %n' "$@" 2>/dev/null
  for f; do
    [ -L "$f" ] || continue
    printf '=L %s\t' "$f"
    readlink "$f" | ${ONE_LINE}
    echo
    stat -c '=M %Y %y %n' "$f"
  done
}
# contents kind=KIND FILE... kind=KIND FILE...: certificates, kubeconfigs and texts
contents() {
  # Some awks end at a file that they cannot open.
  for one; do
    shift
    case $one in kind=*) ;; *) [ -r "$one" ] || continue ;; esac
    set -- "$@" "$one"
  done
  awk ${CONTENTS_AWK} "$@" </dev/null
}
# halves FILE...: the public halves of private keys
halves() { [ $# = 0 ] || awk -v prefix='=K ' "$kplay_half" "$@"; }
`;

/** Prints the directory in which the paths of the host begin, for `rootfsIn`. */
export const PRINT_ROOTFS: ShellScript = sh`printf '=R %s\n' "$R"`;

/** The directory in which the paths of the host begin; empty where they begin at `/`. */
export function rootfsIn(lines: readonly string[]): string {
  return lines.find((line) => line.startsWith('=R '))?.slice(3) ?? '';
}

/** Reads what these functions print; other lines are skipped. `rootfs` is removed from the paths. */
export function parseDump(lines: readonly string[], rootfs: string): ReadonlyMap<string, RawFile> {
  const files = new DumpedFiles(rootfs);
  let sink: Sink | undefined;
  for (const line of lines) {
    if (line.startsWith('|')) {
      sink?.(line.slice(1));
      continue;
    }
    const record = /^=([A-Z]) (.*)$/.exec(line);
    if (!record) continue;
    const [, kind = '', rest = ''] = record;
    sink = CONTENTS[kind]?.(files.at(rest));
    RECORDS[kind]?.(rest, files);
  }
  return files.finished();
}

/** Receives the lines below a record: the contents of its file. */
type Sink = (line: string) => void;

/** Records that precede contents, by their letter. */
const CONTENTS: Readonly<Record<string, (file: MutableFile) => Sink>> = {
  C: (file) => (line) => file.certificates.push(line),
  T: (file) => {
    const text: string[] = [];
    file.text = text;
    return (line) => text.push(line);
  },
};

/** Records about a file, by their letter. */
const RECORDS: Readonly<Record<string, (rest: string, files: DumpedFiles) => void>> = {
  F: readState,
  S: readDigest,
  I: (rest, files) => readPair(rest, ' ', (inode, path) => (files.at(path).inode = inode)),
  Z: (rest, files) => readPair(rest, ' ', (label, path) => (files.at(path).label = label)),
  L: (rest, files) => readPair(rest, '\t', (path, link) => (files.at(path).link = files.hostPath(linkTarget(link)))),
  M: readLinkTime,
  K: (rest, files) => readPair(rest, '\t', (path, half) => files.at(path).halves.push(half)),
};

/** The files that the records of a dump name. */
class DumpedFiles {
  readonly #rootfs: string;
  readonly #files = new Map<string, MutableFile>();

  constructor(rootfs: string) {
    this.#rootfs = rootfs;
  }

  hostPath(path: string): string {
    return this.#rootfs !== '' && path.startsWith(`${this.#rootfs}/`) ? path.slice(this.#rootfs.length) : path;
  }

  at(path: string): MutableFile {
    const name = this.hostPath(path);
    const file = this.#files.get(name) ?? { path: name, halves: [], certificates: [], text: undefined };
    this.#files.set(name, file);
    return file;
  }

  finished(): ReadonlyMap<string, RawFile> {
    return new Map([...this.#files].flatMap(([path, file]) => (file.state ? [[path, finish(file, file.state)]] : [])));
  }
}

interface MutableFile {
  readonly path: string;
  state?: Omit<FileState, 'sha256' | 'label' | 'link' | 'linkedAt'>;
  sha256?: string;
  inode?: string;
  label?: string;
  link?: string;
  linkedAt?: number;
  readonly halves: string[];
  readonly certificates: string[];
  text: string[] | undefined;
}

/**
 * `%Y %y`, followed by a path: the seconds since the epoch, fewer than none before 1970, and the same in words, of which only the fraction counts. busybox before 1.32
 * prints no zone behind it.
 */
const TIME_AND_PATH = /(-?\d+) \S+ [\d:]+(\.\d+)?(?: [+-]\d{4})? (.*)$/.source;
const STATE = new RegExp(`^([0-7]+) (\\d+) (\\d+) (\\d+) ${TIME_AND_PATH}`);
const LINK_TIME = new RegExp(`^${TIME_AND_PATH}`);

function readState(rest: string, files: DumpedFiles): void {
  const match = STATE.exec(rest);
  // Without its state it would seem not to exist.
  if (!match) throw new FactError(`what stat says of a file is not understood: ${rest.slice(0, 200)}`, INSTALL_STAT);
  const [, mode = '', uid, gid, size, modified, fraction = '', path = ''] = match;
  const file = files.at(path);
  file.state = {
    path: file.path,
    mode: mode.padStart(4, '0'),
    uid: Number(uid),
    gid: Number(gid),
    size: Number(size),
    modifiedAt: timeOf(modified, fraction),
  };
}

function readLinkTime(rest: string, files: DumpedFiles): void {
  const match = LINK_TIME.exec(rest);
  if (!match) return;
  const [, seconds, fraction = '', path = ''] = match;
  files.at(path).linkedAt = timeOf(seconds, fraction);
}

/** The fraction is counted from the second before, also before 1970. */
function timeOf(seconds = '', fraction: string): number {
  return seconds.startsWith('-') ? Number(seconds) + Number(`0${fraction}`) : Number(seconds + fraction);
}

function readDigest(rest: string, files: DumpedFiles): void {
  const match = /^([0-9a-f]{64}) [ *](.*)$/.exec(rest);
  if (match) files.at(match[2] ?? '').sha256 = match[1] ?? '';
}

function readPair(rest: string, separator: string, take: (first: string, second: string) => void): void {
  const index = rest.indexOf(separator);
  if (index > 0) take(rest.slice(0, index), rest.slice(index + 1));
}

function finish(file: MutableFile, state: NonNullable<MutableFile['state']>): RawFile {
  return {
    state: {
      ...state,
      sha256: file.sha256 ?? '',
      ...(file.label !== undefined && file.label !== '?' && { label: file.label }),
      ...(file.link !== undefined && { link: file.link }),
      ...(file.linkedAt !== undefined && { linkedAt: file.linkedAt }),
    },
    ...(file.inode !== undefined && { inode: file.inode }),
    certificates: file.certificates.join('\n'),
    publicHalves: file.halves,
    // Without a newline behind it, the carriage return of a last line would belong to its value.
    text: file.text?.map((line) => `${line}\n`).join(''),
  };
}
