// A receiver of Stillframe's webhooks: verifies, keeps, answers, and then acts once on each notice.
//
//     npm install standardwebhooks
//     WEBHOOK_SECRETS='whsec_…' PORT=9000 node receiver.mjs
//
// Two secrets, apart by a space, are both good while one replaces the other.

import { createHash } from "node:crypto";
import { access, mkdir, open, readFile, readdir, rename } from "node:fs/promises";
import http from "node:http";
import { join } from "node:path";

import { Webhook } from "standardwebhooks";

const verifiers = process.env.WEBHOOK_SECRETS.split(/\s+/).filter(Boolean).map((secret) => new Webhook(secret));
const port = Number(process.env.PORT ?? 9000);
const inbox = process.env.INBOX ?? "inbox";
const BODY_BYTES_MOST = 32 * 1024 * 1024;

// One file for each notice, under the id that is the same on every try: first in `new`, and in `acted` when all is done.
const fresh = join(inbox, "new");
const acted = join(inbox, "acted");
await mkdir(fresh, { recursive: true });
await mkdir(acted, { recursive: true });

function isGenuine(body, headers) {
  return verifiers.some((verifier) => {
    try {
      verifier.verify(body.toString("utf8"), headers);
      return true;
    } catch {
      return false;
    }
  });
}

async function isThere(path) {
  return access(path).then(() => true, () => false);
}

// Keeps a notice so that a power cut does not lose it; of two with one id, the second changes nothing.
const keeping = new Map();
function keep(id, body) {
  const name = `${createHash("sha256").update(id).digest("hex")}.json`;
  if (!keeping.has(name)) keeping.set(name, write(name, body).finally(() => keeping.delete(name)));
  return keeping.get(name);
}

async function write(name, body) {
  // In this order: a notice that is acted upon between the two looks goes from the first place to the second.
  if ((await isThere(join(fresh, name))) || (await isThere(join(acted, name)))) return;
  const half = join(inbox, `${name}.half`);
  const file = await open(half, "w");
  await file.writeFile(body);
  await file.sync();
  await file.close();
  await rename(half, join(fresh, name));
  const folder = await open(fresh);
  await folder.sync();
  await folder.close();
}

function act(notice) {
  const reason = notice.reason?.sentence ?? "";
  const said = {
    "dashboard.diverged": () => `changed: ${notice.dashboard_id} frame ${notice.sequence}: ${reason}`,
    "dashboard.resolved": () => `over: ${notice.dashboard_id} frame ${notice.sequence}: ${reason}`,
    "dashboard.digest": () =>
      `digest: ${notice.dashboard_id}, true ${notice.digest.times} times: ` +
      (notice.digest.came_back ? "changed and came back" : reason),
    "release.decided": () => `release: ${notice.project_name} ${notice.source_ref ?? ""}: ${notice.decision}`,
  }[notice.type];
  // New types may come; a receiver that fails on them would be sent them for five days.
  console.log((notice.test ? "(test) " : "") + (said ? said() : `not known here: ${notice.type}`));
}

// Acts on what was kept, one after the other, also on what was left from before the last stop.
let working = Promise.resolve();
function work() {
  working = working.then(async () => {
    for (const name of await readdir(fresh)) {
      act(JSON.parse(await readFile(join(fresh, name), "utf8")));
      // A stop between these two lines acts twice: keep the act and this mark in one transaction if you can.
      await rename(join(fresh, name), join(acted, name));
    }
  });
  return working;
}

function bodyOf(request) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    let size = 0;
    request.on("data", (chunk) => {
      size += chunk.length;
      if (size <= BODY_BYTES_MOST) chunks.push(chunk);
    });
    request.on("end", () => resolve(size > BODY_BYTES_MOST ? null : Buffer.concat(chunks)));
    request.on("error", reject);
  });
}

const server = http.createServer(async (request, response) => {
  try {
    const body = await bodyOf(request);
    if (request.method !== "POST") return void response.writeHead(405).end();
    if (body === null) return void response.writeHead(413).end();
    if (!isGenuine(body, request.headers)) return void response.writeHead(401).end();
    await keep(request.headers["webhook-id"], body);
    response.writeHead(204).end();
    work();
  } catch {
    if (!response.headersSent) response.writeHead(500).end();
  }
});

await work();
server.listen(port, "127.0.0.1");
process.on("SIGTERM", () => server.close(() => process.exit(0)));
