import { type Certificate, publicKeyOf } from './certificate.ts';
import { decodeDer } from './der.ts';
import { readPublicKeyInfo } from './public-key.ts';

/**
 * An awk program that prints one line for each readable file, `PREFIX FILE TAB` (`-v prefix=…`) followed by a description of
 * the public half of the private key in it. So a key can be matched with a certificate while nothing private leaves the host.
 * Of a kubeconfig it prints a line for each embedded key, in order.
 *
 * - `rsa-pkcs1 <length> <base64>`, `rsa-pkcs8 …`: of the modulus (RFC 8017 section A.1.2)
 * - `ec-sec1 <length> <base64>`, `ec-pkcs8 …`: of the public point (RFC 5915)
 * - `encrypted`, `none` (there is no private key in the input, or something precedes BEGIN on its line, as a byte order mark does: Go
 *   then sees none), `unknown` (another kind of key, or a damaged one)
 *
 * `length` is that of the whole key's base64. The printed base64 is an excerpt of the file's own: the groups of four
 * characters that are completely inside the modulus or the point, which are all its bytes except at most two at either end.
 *
 * The excerpt is found by walking the DER structure, and only printed if the walk over every element ends exactly where the
 * key ends, with the types of this form of key: a damaged length cannot move it to private bytes. POSIX awk without bit
 * operations, intervals or functions of gawk; runs in mawk, gawk, busybox and the one true awk.
 */
export function publicHalfProgram(): string {
  return PROGRAM;
}

const PROGRAM = `
function sextet(at) { return index(ALPHABET, substr(text, at, 1)) - 1 }

# The byte at an offset from 0.
function octet(at,  group) {
  group = int(at / 3) * 4 + 1
  if (at % 3 == 0) return sextet(group) * 4 + int(sextet(group + 1) / 16)
  if (at % 3 == 1) return sextet(group + 1) % 16 * 16 + int(sextet(group + 2) / 4)
  return sextet(group + 2) % 4 * 64 + sextet(group + 3)
}

# Sets tag, start and end of the element at an offset.
function enter(at,  count) {
  tag = octet(at)
  count = octet(at + 1)
  start = at + 2
  if (count < 128) { end = start + count; return }
  end = 0
  for (count -= 128; count > 0; count--) end = end * 256 + octet(start++)
  end += start
}

# The groups of four characters inside the bytes [from, to).
function cut(kind, from, to,  first, last) {
  first = int((from + 2) / 3)
  last = int(to / 3)
  return kind " " length(text) " " substr(text, first * 4 + 1, (last - first) * 4)
}

# From the modulus on: publicExponent, privateExponent, prime1, prime2, exponent1, exponent2, coefficient, maybe more primes.
function rsa(kind, from, to,  low, high, at, count) {
  enter(from)
  low = start
  high = end
  at = end
  for (count = 0; at < to; count++) {
    enter(at)
    if (tag != (count < 7 ? 2 : 48)) return "unknown"
    at = end
  }
  return at == to && (count == 7 || count == 8) ? cut(kind, low, high) : "unknown"
}

# From the private scalar on: maybe parameters, then the public point, uncompressed.
function ec(kind, from, to) {
  enter(from)
  enter(end)
  if (tag == 160) enter(end)
  if (tag != 161 || end != to) return "unknown"
  enter(start)
  if (tag != 3 || end != to || octet(start) != 0 || octet(start + 1) != 4) return "unknown"
  return cut(kind, start + 1, end)
}

# The fields of a key: a version, then a modulus (PKCS#1), a scalar (SEC1) or an algorithm and the key inside it (PKCS#8).
function fields(from, to, inner,  inside) {
  enter(from)
  if (tag != 2 || end != start + 1) return "unknown"
  from = end
  enter(from)
  if (end > to) return "unknown"
  if (tag == 2) return rsa(inner ? "rsa-pkcs8" : "rsa-pkcs1", from, to)
  if (tag == 4) return ec(inner ? "ec-pkcs8" : "ec-sec1", from, to)
  if (tag != 48 || inner) return "unknown"
  enter(end)
  inside = end
  if (tag != 4 || inside > to) return "unknown"
  enter(start)
  return tag == 48 && end == inside ? fields(start, end, 1) : "unknown"
}

# The text that a base64 text stands for, up to what is no base64.
function decoded(base64,  at, group, first, second, third, fourth, plain) {
  for (at = 1; at + 3 <= length(base64); at += 4) {
    group = substr(base64, at, 4)
    first = index(ALPHABET, substr(group, 1, 1)) - 1
    second = index(ALPHABET, substr(group, 2, 1)) - 1
    third = index(ALPHABET, substr(group, 3, 1)) - 1
    fourth = index(ALPHABET, substr(group, 4, 1)) - 1
    if (first < 0 || second < 0) break
    plain = plain character(first * 4 + int(second / 16))
    if (third < 0) break
    plain = plain character(second % 16 * 16 + int(third / 4))
    if (fourth < 0) break
    plain = plain character(third % 4 * 64 + fourth)
  }
  return plain
}

# PEM is of ASCII alone.
function character(code) { return code > 0 && code < 128 ? sprintf("%c", code) : "?" }

function answer(  size) {
  if (label == "") return "none"
  if (encrypted || label == "ENCRYPTED PRIVATE KEY") return "encrypted"
  if (!complete || (label != "PRIVATE KEY" && label != "RSA PRIVATE KEY" && label != "EC PRIVATE KEY")) return "unknown"
  if (length(text) < 8 || length(text) % 4 || text !~ /^[A-Za-z0-9+\\/]*=?=?$/) return "unknown"
  size = length(text) / 4 * 3
  if (text ~ /=$/) size--
  if (text ~ /==$/) size--
  enter(0)
  return tag == 48 && end == size ? fields(start, end, 0) : "unknown"
}

function take(line) {
  if (complete) return
  if (label == "") {
    if (line ~ /^-----BEGIN [A-Z ]*PRIVATE KEY-----[ \\t\\r]*$/) {
      label = line
      sub(/^-----BEGIN /, "", label)
      sub(/-----.*/, "", label)
    }
    return
  }
  if (line ~ /-----END /) { complete = 1; return }
  if (line ~ /:/) { if (line ~ /ENCRYPTED/) encrypted = 1; return }
  gsub(/[ \\t\\r]/, "", line)
  text = text line
}

# An embedded key of a kubeconfig: one for each user.
function printEmbedded(line,  lines, count, number) {
  if (++embedded > 50) return
  begin()
  sub(/^ *(- )?client-key-data: *["\\047]?/, "", line)
  count = split(decoded(line), lines, "\\n")
  for (number = 1; number <= count; number++) take(lines[number])
  print prefix file "\\t" answer()
}

function begin() {
  label = ""
  text = ""
  complete = 0
  encrypted = 0
}

BEGIN {
  ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  for (argument = 1; argument < ARGC; argument++) {
    file = ARGV[argument]
    embedded = 0
    begin()
    while ((status = (getline record < file)) > 0) {
      if (record ~ /^ *(- )?client-key-data:/) printEmbedded(record)
      else if (!embedded) take(record)
    }
    close(file)
    if (status == 0 && !embedded) print prefix file "\\t" answer()
  }
}
`;

/** `unknown`: the line does not contain enough. */
export type KeyMatch = 'match' | 'mismatch' | 'unknown';

const LINE = /^(rsa|ec)-(?:pkcs1|pkcs8|sec1) \d+ ((?:[A-Za-z0-9+/]{4})+)$/;
/** Bytes of a modulus or point that a line may lack: two at either end, where groups of base64 cross its boundaries. */
const MAX_MISSING_BYTES = 4;
/** SEC 1 section 2.3.3; the only form that Go writes and reads. */
const UNCOMPRESSED_POINT = 4;

/**
 * Whether a line printed by `publicHalfProgram` belongs to the key of this certificate. Nearly the whole modulus or point is
 * compared: a partial match means a truncated line, not similar keys, and so is `unknown`.
 */
export function matchPublicHalf(certificate: Certificate, line: string): KeyMatch {
  return matchPublicKey(publicKeyOf(certificate), line);
}

/** The same for a SubjectPublicKeyInfo in DER. */
export function matchPublicKey(publicKey: Uint8Array, line: string): KeyMatch {
  const [, family, base64 = ''] = LINE.exec(line.trim()) ?? [];
  if (family === undefined) return 'unknown';
  const key = readPublicKeyInfo(decodeDer(publicKey, 'its public key'));
  if (key.family !== family) return 'mismatch';
  if (family === 'ec' && key.value[0] !== UNCOMPRESSED_POINT) return 'unknown';
  const printed = Buffer.from(base64, 'base64');
  if (!key.value.includes(printed)) return 'mismatch';
  return key.value.length - printed.length <= MAX_MISSING_BYTES ? 'match' : 'unknown';
}
