/**
 * Generates `src/gen` from `proto/`, or with `--check` compares it with what is committed.
 *
 * buf compiles the files and hands them to protoc-gen-es, both in the versions that package-lock.json pins. Nothing is fetched.
 */

import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const committed = join(here, "src", "gen");

/** The text of each file below a folder, by path. */
function contents(folder) {
  const files = readdirSync(folder, { recursive: true }).filter((path) => path.endsWith(".ts"));
  return new Map(files.map((path) => [path, readFileSync(join(folder, path), "utf8")]));
}

const folder = mkdtempSync(join(tmpdir(), "embargo-generate-"));
try {
  const programs = join(here, "node_modules", ".bin");
  const env = { ...process.env, PATH: `${programs}${delimiter}${process.env.PATH}` };
  const made = spawnSync(join(programs, "buf"), ["generate", "--output", folder], { cwd: here, env, stdio: "inherit" });
  if (made.error) throw made.error;
  if (made.status !== 0) throw new Error("buf refused the files of proto/; hint: it says above which line is wrong");
  const fresh = join(folder, "src", "gen");
  const files = contents(fresh);
  if (process.argv.includes("--check")) {
    const old = contents(committed);
    const changed = [...new Set([...files.keys(), ...old.keys()])].filter((path) => files.get(path) !== old.get(path));
    if (changed.length > 0) {
      throw new Error(`generated code differs from proto/: ${changed.join(", ")}; hint: run \`npm run generate\` and commit`);
    }
    console.log(`generated code: ${files.size} files are what proto/ says`);
  } else {
    rmSync(committed, { recursive: true, force: true });
    cpSync(fresh, committed, { recursive: true });
    console.log(`generated code: ${files.size} files written`);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
