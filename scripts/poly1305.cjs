// Stands for ssh2's lib/protocol/crypto/poly1305.js in the bundle, as far as ssh2 uses it: a program in WebAssembly, from whose
// memory the caller reads the result.
const { lowlevel } = require('tweetnacl');

const CODE_BYTES = 16;

module.exports = async () => {
  const memory = new Uint8Array(CODE_BYTES);
  /** Writes the authentication code of a message, which comes in two parts, into the memory. */
  // biome-ignore lint/complexity/useMaxParams: ssh2 calls it so
  const poly1305 = (place, first, firstLength, second, secondLength, key) => {
    const message = Buffer.concat([first, second], firstLength + secondLength);
    lowlevel.crypto_onetimeauth(memory, place, message, 0, message.length, key);
  };
  return { HEAPU8: memory, _malloc: () => 0, cwrap: () => poly1305 };
};
