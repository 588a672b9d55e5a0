/** Finds the commands in a sentence that says what to do: `find out why: crictl ps -a, journalctl -u kubelet -n 50; then run again`. */

/** A part of a sentence. */
export interface Piece {
  readonly text: string;
  readonly isCommand: boolean;
}

/** The programs that operators are told to run on a host. */
const PROGRAM =
  /(?<=^|[ (])(?:'for|'sh|'sudo|\(umask|apt-get|cd|chattr|chmod|chown|chronyc|crictl|du|etcdctl|find|findmnt|hostnamectl|journalctl|kill|kubeadm|kubectl|ls|lsattr|mkdir|mount|mv|openssl|ps|rm|ssh-add|ssh-keygen|sudo|systemctl|timedatectl|ulimit)(?= )/g;

/** What comes after a command in a sentence: one of its words, or a remark in parentheses. */
const PROSE =
  /^ (?:\(|(?:and|as|before|can|cannot|configuration|converts|could|creates|does|ended|for|gives|has|if|in|is|makes|means|of|on|once|only|or|out|prints|reads|refuses|requires|returns|shows|signs|so|that|the|then|to|uses|whether|which|whose|with|would|writes)\b)/;

/** A sentence, cut into commands and what is between them. Quotes and parentheses in a command belong to it. */
export function piecesOf(sentence: string): readonly Piece[] {
  const pieces: Piece[] = [];
  let told = 0;
  for (const { index } of sentence.matchAll(PROGRAM)) {
    if (index < told) continue;
    const end = endOf(sentence, index);
    const text = sentence.slice(index, end);
    if (!text.includes(' ')) continue;
    pieces.push({ text: sentence.slice(told, index), isCommand: false }, { text, isCommand: true });
    told = end;
  }
  return [...pieces, { text: sentence.slice(told), isCommand: false }];
}

/** What in a command has no meaning for the sentence. */
const QUOTED = /\\.|'[^']*'?|"(?:\\.|[^"\\])*"?/y;

/** Where the command that begins at an index ends: at a sign of the sentence, or before a word of it. */
function endOf(sentence: string, start: number): number {
  let depth = 0;
  for (let at = start; at < sentence.length; at++) {
    QUOTED.lastIndex = at;
    const [quoted] = QUOTED.exec(sentence) ?? [];
    const sign = sentence.charAt(at);
    if (quoted !== undefined) at += quoted.length - 1;
    else if (depth === 0 && isEnd(sentence, start, at)) return at;
    else depth += sign === '(' ? 1 : sign === ')' ? -1 : 0;
  }
  return sentence.length;
}

function isEnd(sentence: string, start: number, at: number): boolean {
  const next = sentence.slice(at, at + 16);
  return /^(?:\)|[,;:.](?: |$))/.test(next) || (PROSE.test(next) && !/[&|]$/.test(sentence.slice(start, at)));
}
