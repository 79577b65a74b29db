// A real OpenID provider that lives as long as its standard input: node provider.mjs CALLBACK
// Prints its issuer once it listens. Anybody signs in under any name, which is then their subject.
import http from "node:http";
import Provider from "oidc-provider";

// Standard output says one thing only; what the library has to say goes to standard error.
console.info = console.warn = console.error;

const [callback] = process.argv.slice(2);
const server = http.createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [
      { client_id: "five-ones", client_secret: "of the tests+alone/ %", redirect_uris: [callback] },
      { client_id: "public", token_endpoint_auth_method: "none", redirect_uris: [callback] },
      {
        client_id: "posting",
        client_secret: "of the tests+alone/ %",
        token_endpoint_auth_method: "client_secret_post",
        redirect_uris: [callback],
      },
    ],
    claims: { profile: ["name", "preferred_username"] },
    cookies: { keys: ["of the tests"] },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: () => ({ sub, name: `示例人员 ${sub}`, preferred_username: sub.split("@")[0] }),
    }),
  });
  server.on("request", provider.callback());
  process.stdout.write(`${issuer}\n`);
});
process.stdin.on("end", () => process.exit(0)).resume();
