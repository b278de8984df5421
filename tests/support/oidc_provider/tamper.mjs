// What a hostile or broken provider answers: each takes the good answer of the token
// endpoint and returns a bad one. `sign(claims, header?)` signs with the current key.
import { generateKeyPair, SignJWT, UnsecuredJWT, exportSPKI } from "jose";

const HOUR = 3600;
const now = () => Math.floor(Date.now() / 1000);

const claim = (change) => async (body, { claims, sign }) => ({
  ...body,
  id_token: await sign(change(claims)),
});

const lent = (change) => async (body, { resign }) => {
  const isSigned = body.access_token.split(".").length === 3;
  const access_token = isSigned
    ? await resign(body.access_token, change)
    : body.access_token;
  return { ...body, access_token, expires_in: undefined };
};

export const TAMPERS = {
  audience: claim((it) => ({ ...it, aud: "another-client" })),
  audiences: claim((it) => ({ ...it, aud: [it.aud, "another-client"] })),
  party: claim((it) => ({ ...it, azp: "another-client" })),
  issuer: claim((it) => ({ ...it, iss: "https://evil.example.org" })),
  nonce: claim((it) => ({ ...it, nonce: "another-nonce" })),
  nonceless: claim(({ nonce, ...it }) => it),
  expired: claim((it) => ({ ...it, iat: now() - 2 * HOUR, exp: now() - HOUR })),
  future: claim((it) => ({ ...it, iat: now() + HOUR, exp: now() + 2 * HOUR })),
  endless: claim(({ exp, ...it }) => it),
  subjectless: claim(({ sub, ...it }) => it),
  hash: claim((it) => ({ ...it, at_hash: "AAAAAAAAAAAAAAAAAAAAAA" })),
  // Signed by somebody else under the name of the real key.
  signature: async (body, { claims, header }) => {
    const { privateKey } = await generateKeyPair("RS256");
    const id_token = await new SignJWT(claims)
      .setProtectedHeader(header)
      .sign(privateKey);
    return { ...body, id_token };
  },
  unknownKey: async (body, { claims, sign }) => ({
    ...body,
    id_token: await sign(claims, { kid: "nobody-knows-this-key" }),
  }),
  none: async (body, { claims }) => ({
    ...body,
    id_token: new UnsecuredJWT(claims).encode(),
  }),
  // The public key taken as a shared secret.
  symmetric: async (body, { claims, header, publicKey }) => {
    const secret = new TextEncoder().encode(await exportSPKI(publicKey));
    const id_token = await new SignJWT(claims)
      .setProtectedHeader({ alg: "HS256", kid: header.kid })
      .sign(secret);
    return { ...body, id_token };
  },
  missing: async ({ id_token, ...body }) => body,
  nonsense: async (body) => ({ ...body, id_token: "not.a.token" }),
  number: async (body) => ({ ...body, id_token: 7 }),
  list: async () => ["not", "an", "object"],
  html: async () => "<html><script>alert(1)</script></html>",
  deep: async () => "[".repeat(100_000),
  huge: async () => `{"id_token": "${"x".repeat(5_000_000)}"}`,
  // A token for servers that is good elsewhere too, or for a month, or opaque.
  broad: lent((it) => ({ ...it, aud: [it.aud, "https://everything.example.org"] })),
  lasting: lent((it) => ({ ...it, exp: it.exp + 30 * 24 * HOUR })),
  opaque: async (body) => ({ ...body, access_token: "opaque" }),
};
