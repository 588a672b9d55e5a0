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

/** Where the command that begins at an index ends: at a sign of the sentence, or before a word of it. */
function endOf(sentence: string, start: number): number {
  let depth = 0;
  let quote = '';
  for (let at = start; at < sentence.length; at++) {
    const sign = sentence.charAt(at);
    if (quote !== '') {
      if (sign === quote) quote = '';
    } else if (sign === '"' || sign === "'") quote = sign;
    else if (sign === '(') depth++;
    else if (sign === ')' && depth-- === 0) return at;
    else if (depth > 0) continue;
    else if (/^[,;:.]?(?: |$)/.test(sentence.slice(at, at + 2)) && /[,;:.]/.test(sign)) return at;
    else if (PROSE.test(sentence.slice(at, at + 16)) && !/[&|]$/.test(sentence.slice(start, at))) return at;
  }
  return sentence.length;
}
