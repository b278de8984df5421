// A real OpenID Connect provider for tests. People have a name, groups and the password
// `password`; a second port takes orders: PUT /people, /options, /tamper, /down, /keys
// and GET /counts. Nothing is kept on disk.
import { createServer } from "node:http";
import {
  calculateJwkThumbprint,
  decodeJwt,
  decodeProtectedHeader,
  exportJWK,
  generateKeyPair,
  importJWK,
  SignJWT,
} from "jose";
import Provider from "oidc-provider";

// Kept in this process, and beyond a change of keys or options.
import { createMemoryAdapter } from "./node_modules/oidc-provider/lib/adapters/memory_adapter.js";
import { TAMPERS } from "./tamper.mjs";

const {
  ISSUER: issuer,
  PORT: port,
  CONTROL_PORT: controlPort,
  LISTEN: listen = "127.0.0.1",
  REDIRECT_URIS: redirectUris = "[]",
  LOGOUT_URIS: logoutUris = "[]",
  SECRET: clientSecret = "the-client-secret-of-the-tests",
} = process.env;
const storage = createMemoryAdapter();
const AUDIENCE = "https://data.example.org";
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";

const state = {
  people: JSON.parse(process.env.PEOPLE ?? "{}"),
  options: { inIdToken: true, refreshes: true, discovery: {}, tokenSeconds: 300 },
  tamper: null,
  down: false,
  slow: false,
  counts: {},
  keys: [],
};

async function newKey() {
  const { privateKey } = await generateKeyPair("RS256", { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, alg: "RS256", use: "sig", kid: await calculateJwkThumbprint(jwk) };
}

function account(_ctx, id) {
  const person = Object.values(state.people).find((it) => it.sub === id);
  const claims = async () => ({ ...person, sub: id });
  return person && { accountId: id, claims };
}

async function existingGrant(ctx) {
  const { Grant } = ctx.oidc.provider;
  const grant = new Grant({
    clientId: ctx.oidc.client.clientId,
    accountId: ctx.oidc.session.accountId,
  });
  grant.addOIDCScope("openid profile email groups offline_access");
  grant.addResourceScope(AUDIENCE, "read");
  await grant.save();
  return grant;
}

const configuration = () => ({
  adapter: storage,
  clients: [
    {
      client_id: "cygnet",
      client_secret: clientSecret,
      redirect_uris: JSON.parse(redirectUris),
      post_logout_redirect_uris: JSON.parse(logoutUris),
      grant_types: ["authorization_code", "refresh_token", EXCHANGE],
      token_endpoint_auth_method: "client_secret_post",
    },
  ],
  jwks: { keys: state.keys },
  claims: {
    openid: ["sub"],
    profile: ["preferred_username", "name"],
    email: ["email", "email_verified"],
    groups: ["groups"],
  },
  scopes: ["openid", "offline_access"],
  conformIdTokenClaims: !state.options.inIdToken,
  pkce: { required: () => true },
  // As Keycloak does; the specification has it for `prompt=consent` alone.
  issueRefreshToken: async () => state.options.refreshes,
  rotateRefreshToken: true,
  ttl: {
    AccessToken: () => state.options.tokenSeconds,
    Grant: 86400,
    IdToken: 3600,
    Interaction: 3600,
    RefreshToken: 86400,
    Session: 86400,
  },
  findAccount: account,
  loadExistingGrant: existingGrant,
  interactions: { url: (_ctx, it) => `/interaction/${it.uid}` },
  cookies: { keys: ["only-for-tests"] },
  features: {
    devInteractions: { enabled: false },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: () => ({
        scope: "read",
        accessTokenFormat: "jwt",
        accessTokenTTL: state.options.tokenSeconds,
        jwt: { sign: { alg: "RS256" } },
      }),
    },
    rpInitiatedLogout: {
      enabled: true,
      logoutSource: (ctx, form) => {
        ctx.body = `<!doctype html><title>Log out</title><h1>Log out?</h1>${form}
          <button autofocus type="submit" form="op.logoutForm" name="logout"
          value="yes">Yes, log me out</button>`;
      },
    },
  },
});

const escape = (text) =>
  String(text).replace(/[&<>"]/g, (it) => `&#${it.charCodeAt(0)};`);

const page = (uid, problem = "") => `<!doctype html><html lang="en">
<title>Sign in</title><main><h1>Sign in</h1><p role="alert">${escape(problem)}</p>
<form method="post" action="/interaction/${uid}">
<label>User name <input name="login" required autofocus></label>
<label>Password <input name="password" type="password" required></label>
<button type="submit">Sign in</button></form></main></html>`;

const readBody = async (request) => {
  let text = "";
  for await (const part of request) text += part;
  return text;
};

// The people's sign-in page; whoever signs in has consented.
async function interaction(provider, ctx) {
  const { uid } = await provider.interactionDetails(ctx.req, ctx.res);
  ctx.type = "html";
  ctx.body = page(uid);
  if (ctx.method !== "POST") return;
  const form = new URLSearchParams(await readBody(ctx.req));
  if (form.get("cancel")) {
    const denied = { error: "access_denied", error_description: form.get("cancel") };
    ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, denied));
    return;
  }
  const person = state.people[form.get("login")];
  if (!person || form.get("password") !== "password") {
    ctx.body = page(uid, "Unknown user name or password.");
    return;
  }
  const result = { login: { accountId: person.sub } };
  ctx.redirect(await provider.interactionResult(ctx.req, ctx.res, result));
}

const signer = async () => {
  const { alg, kid, ...jwk } = state.keys[0];
  const key = await importJWK(jwk, alg);
  const publicKey = await importJWK({ kty: jwk.kty, n: jwk.n, e: jwk.e }, alg, {
    extractable: true,
  });
  const sign = (claims, header) =>
    new SignJWT(claims).setProtectedHeader({ alg, kid, ...header }).sign(key);
  const resign = (token, change) => {
    const { typ } = decodeProtectedHeader(token);
    return sign(change(decodeJwt(token)), { typ });
  };
  return { sign, resign, publicKey };
};

async function tampered(body) {
  const token = body.id_token;
  const known = token
    ? { claims: decodeJwt(token), header: decodeProtectedHeader(token) }
    : {};
  return TAMPERS[state.tamper](body, { ...known, ...(await signer()) });
}

// RFC 8693: a token for one audience in exchange for the person's own.
async function exchange(ctx) {
  const { params, client, provider } = ctx.oidc;
  const subject = await provider.AccessToken.find(params.subject_token);
  ctx.assert(subject && params.audience === AUDIENCE, 400);
  const token = new provider.AccessToken({
    client,
    accountId: subject.accountId,
    grantId: subject.grantId,
    gty: EXCHANGE,
    scope: "read",
  });
  token.resourceServer = new provider.ResourceServer(
    AUDIENCE,
    configuration().features.resourceIndicators.getResourceServerInfo(),
  );
  ctx.body = {
    access_token: await token.save(),
    issued_token_type: "urn:ietf:params:oauth:token-type:access_token",
    token_type: "Bearer",
    expires_in: token.expiration,
  };
}

function build() {
  const provider = new Provider(issuer, configuration());
  provider.proxy = true;
  const asked = ["subject_token", "subject_token_type", "audience"];
  provider.registerGrantType(EXCHANGE, exchange, asked);
  provider.use(async (ctx, next) => {
    const name = ctx.path.split("/").filter(Boolean).at(-1) ?? "";
    state.counts[name] = (state.counts[name] ?? 0) + 1;
    if (ctx.path.startsWith("/interaction/")) {
      await interaction(provider, ctx);
      return;
    }
    await next();
    if (name === "openid-configuration")
      ctx.body = { ...ctx.body, ...state.options.discovery };
    if (name === "token" && ctx.status === 200 && state.tamper)
      ctx.body = await tampered(ctx.body);
  });
  return provider.callback();
}

const OK = { ok: true };
const orders = {
  "PUT /people": (it) => Object.assign(state, { people: it }),
  "PUT /options": (it) => Object.assign(state.options, it),
  "PUT /tamper": (it) => Object.assign(state, { tamper: it }),
  "PUT /down": (it) => Object.assign(state, { down: it }),
  "PUT /keys": async () => Object.assign(state, { keys: [await newKey()] }),
  "GET /counts": () => state.counts,
};

async function control(request, response) {
  const text = await readBody(request);
  const order = orders[`${request.method} ${request.url}`];
  const result = order && (await order(text ? JSON.parse(text) : null));
  if (result === state || result === state.options) {
    callback = build();
    if (state.down) sever();
    else if (!server.listening) await bound(server, port);
  }
  response.writeHead(order ? 200 : 404, { "content-type": "application/json" });
  response.end(JSON.stringify(request.method === "GET" ? result : OK));
}

const bound = (it, where) =>
  new Promise((resolve) => it.listen(Number(where), listen, resolve));
const sever = () => {
  server.close();
  server.closeAllConnections();
};

state.keys = [await newKey()];
let callback = build();
const server = createServer((request, response) => callback(request, response));
await bound(server, port);
await bound(createServer(control), controlPort);
console.log("ready");
