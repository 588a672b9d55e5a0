/** Of base64, the characters that stand only for `text`, behind so many other bytes. */
function base64Behind(bytes: number, text: string, isEnd: boolean): string {
  const whole = Buffer.from('x'.repeat(bytes) + text).toString('base64');
  return whole.slice(Math.ceil((bytes * 4) / 3), isEnd ? undefined : Math.floor(((bytes + text.length) * 4) / 3));
}

const BEGIN = Buffer.from('-----BEGIN CERTIFICATE-----').toString('base64');
const OFFSETS = [0, 1, 2];
const ENDS = OFFSETS.flatMap((bytes) =>
  ['', '\n'].map((end) => base64Behind(bytes, `-----END CERTIFICATE-----${end}`, true)),
)
  .join('|')
  .replaceAll('/', '\\/')
  .replaceAll('+', '[+]');
const DASHES = OFFSETS.map((bytes) => base64Behind(bytes, '-----', false)).join('|');

/**
 * Awk functions for the base64 of PEM text that kubeconfigs hold. `public_data(line)` is a line of which nothing but CERTIFICATE blocks
 * is left in such values: a client's certificate may have its private key behind it, as in the file that kubelet keeps. A value that is no
 * base64 is `hidden`.
 *
 * Nearly every value is one certificate alone, which is seen without decoding. POSIX awk without bit operations, as on any host.
 */
export const PUBLIC_DATA_AWK = `
function public_data(line,  out, data) {
  out = ""
  while (match(line, /(certificate-authority|client-certificate)-data["\\047]?[ \\t]*:[ \\t]*["\\047]?/)) {
    out = out substr(line, 1, RSTART + RLENGTH - 1)
    line = substr(line, RSTART + RLENGTH)
    if (!match(line, /^[A-Za-z0-9+\\/=]+/)) continue
    data = substr(line, 1, RLENGTH)
    line = substr(line, RLENGTH + 1)
    out = out certificates_only(data)
  }
  return out line
}
function certificates_only(data,  body, count, lines, i, line, inside, block, out) {
  if (data ~ /^${BEGIN}[A-Za-z0-9+\\/]*(${ENDS})$/) {
    body = substr(data, ${BEGIN.length + 1})
    match(body, /(${ENDS})$/)
    if (substr(body, 1, RSTART - 1) !~ /${DASHES}/) return data
  }
  count = split(decoded(data), lines, "\\n")
  for (i = 1; i <= count; i++) {
    line = lines[i]
    sub(/[ \\t\\r]+$/, "", line)
    if (line == "-----BEGIN CERTIFICATE-----") { out = out line "\\n"; inside = 1; block = "" }
    else if (inside && line ~ /-----/) {
      if (line == "-----END CERTIFICATE-----") out = out block line "\\n"
      inside = 0
    } else if (inside) block = block line "\\n"
  }
  # What is no base64 is not to become some.
  if (out == "") return length(data) % 4 == 0 && data ~ /^[^=]+=?=?$/ ? encoded("?") : hidden
  return encoded(out)
}
# Bytes that are not in PEM become question marks.
function decoded(data,  i, value, bits, size, unit, out, byte) {
  for (i = 1; i <= length(data); i++) {
    value = index(ALPHABET, substr(data, i, 1)) - 1
    if (value < 0) break
    bits = bits * 64 + value
    size += 6
    if (size < 8) continue
    size -= 8
    # Not every awk has powers.
    unit = size == 4 ? 16 : size == 2 ? 4 : 1
    byte = int(bits / unit)
    bits -= byte * unit
    out = out (byte in CHARACTER ? CHARACTER[byte] : "?")
  }
  return out
}
function encoded(text,  i, left, bits, out) {
  for (i = 1; i <= length(text); i += 3) {
    left = length(text) - i
    bits = CODE[substr(text, i, 1)] * 65536
    if (left > 0) bits += CODE[substr(text, i + 1, 1)] * 256
    if (left > 1) bits += CODE[substr(text, i + 2, 1)]
    out = out sextet(bits, 262144) sextet(bits, 4096) (left > 0 ? sextet(bits, 64) : "=") (left > 1 ? sextet(bits, 1) : "=")
  }
  return out
}
function sextet(bits, unit) { return substr(ALPHABET, int(bits / unit) % 64 + 1, 1) }
BEGIN {
  ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  for (i = 1; i < 127; i++) { CHARACTER[i] = sprintf("%c", i); CODE[CHARACTER[i]] = i }
}
`;
