// Verifies one webhook with the npm package `standardwebhooks`: {folder, secret, headers, body} as JSON on standard input.
// The body is base64, so that its very bytes are verified. Prints "verified", or the error's name and exits with 1.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const { folder, secret, headers, body } = JSON.parse(readFileSync(0, "utf8"));
const { Webhook } = createRequire(`${folder}/package.json`)("standardwebhooks");
try {
  new Webhook(secret).verify(Buffer.from(body, "base64").toString("utf8"), headers);
  process.stdout.write("verified");
} catch (error) {
  process.stdout.write(error.constructor.name);
  process.exitCode = 1;
}
