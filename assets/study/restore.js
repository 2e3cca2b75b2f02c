// A run that was saved as JSON, opened again: read as what anyone may have written, run anew, and compared.
import { alike } from "./plot.js";

const FORMAT = "__FORMAT__";
const VERSION = "__VERSION__";
// Far more than any lab writes.
const LIMIT = 10e6;
const LONGEST = 10_000;

const words = {
  en: {
    large: "The file is larger than any that a lab saves. Nothing was changed; choose a JSON file that was saved from a lab.",
    unread: "The file could not be read. Nothing was changed; choose it again.",
    broken: "The file is not JSON, or only a part of it. Nothing was changed; save the run once more, and open that file.",
    foreign: "The file is JSON, but no run of a lab. Nothing was changed; choose a file that was saved from a lab.",
    newer: "The file has a form that this version of the book does not know. Nothing was changed; open it with the version that saved it.",
    damaged: part => `The file is damaged: “${part}” is not what a lab writes. Nothing was changed; save the run once more, and open that file.`,
    other: lab => `The file is a run of the lab “${lab}”. Nothing was changed; open it on the page of that lab.`,
    unknown: names => `This lab has no ${names}. Nothing was changed; open the file with the version of the book that saved it.`,
    missing: names => `The file says nothing about ${names}. Nothing was changed; open it with the version of the book that saved it.`,
    refused: reasons => `The lab does not take all of these settings: ${reasons}. Nothing was changed; save the run once more, and open that file.`,
    running: "The settings are restored; the run is under way.",
    agrees: digest => `Restored. The run gives the same numbers to the last bit: digest ${digest}.`,
    altered: names => `Restored. The digest agrees, but the file has other numbers than the run for ${names}: someone has changed them.`,
    without: "Restored. The file has no digest to compare with, for it was saved before the run was over.",
    version: (theirs, ours) => `The file was saved by version ${theirs} of the book, and this is version ${ours}.`,
    program: (theirs, ours) => `The version is the same, but the lab’s program is another: ${theirs} then, ${ours} now.`,
    same: "Version and program are the same, so the file has probably been changed.",
    differs: (theirs, ours, why) => `Restored, but the run gives other numbers: digest ${theirs} in the file, ${ours} now. ${why}`,
    stopped: "The settings are restored, but the run stopped on the way, so nothing could be compared. Press Run to try again.",
    moved: "The lab was set otherwise meanwhile, so nothing was compared. Open the file again to do so.",
    join: ", ", between: "; ",
  },
  zh: {
    large: "文件比任何实验保存的都大。什么也没有改动；请选择由实验保存的 JSON 文件。",
    unread: "文件无法读取。什么也没有改动；请重新选择。",
    broken: "文件不是 JSON，或不完整。什么也没有改动；请重新保存那次运行，再打开新的文件。",
    foreign: "文件是 JSON，但不是实验的运行记录。什么也没有改动；请选择由实验保存的文件。",
    newer: "本书的这个版本不认识文件的格式。什么也没有改动；请用保存它的版本打开。",
    damaged: part => `文件已损坏：“${part}”不是实验所写的样子。什么也没有改动；请重新保存那次运行，再打开新的文件。`,
    other: lab => `文件是实验“${lab}”的运行记录。什么也没有改动；请在那个实验的页面上打开。`,
    unknown: names => `本实验没有 ${names}。什么也没有改动；请用保存它的版本打开。`,
    missing: names => `文件没有给出 ${names}。什么也没有改动；请用保存它的版本打开。`,
    refused: reasons => `本实验不接受其中的部分设置：${reasons}。什么也没有改动；请重新保存那次运行，再打开新的文件。`,
    running: "设置已恢复，正在运行。",
    agrees: digest => `已恢复。重新运行得到的数逐位相同：校验码 ${digest}。`,
    altered: names => `已恢复。校验码相同，但文件中 ${names} 的数与运行结果不同：有人改动过。`,
    without: "已恢复。文件保存时运行尚未完成，没有校验码可以对照。",
    version: (theirs, ours) => `文件由本书 ${theirs} 版保存，而这里是 ${ours} 版。`,
    program: (theirs, ours) => `版本相同，但实验程序不同：当时是 ${theirs}，现在是 ${ours}。`,
    same: "版本与程序都相同，因此文件很可能被改动过。",
    differs: (theirs, ours, why) => `已恢复，但运行得到的数不同：文件的校验码是 ${theirs}，现在是 ${ours}。${why}`,
    stopped: "设置已恢复，但运行中途停止，无法对照。请按“运行”再试。",
    moved: "其间实验的设置有了改动，因此没有对照。要对照，请重新打开文件。",
    join: "、", between: "；",
  },
};

// Why a file is not opened, as a sentence.
export class Refusal extends Error {}

const isObject = value => typeof value === "object" && value !== null && !Array.isArray(value);
const isWord = value => typeof value === "string" && /^[\w.+-]{1,60}$/.test(value);
const isSetting = value => (typeof value === "string" ? value.length <= LONGEST : Number.isFinite(value));
const brief = text => (text.length > 40 ? `${text.slice(0, 40)}…` : text);

// The program that computes a lab's runs, as files name it.
export const programOf = figure => /load-worker-([\w-]+)\.js$/.exec(figure.dataset.worker)?.[1] ?? "unknown";

// What a text says of a run of this lab. Throws a refusal for anything else.
export function read(text, lab) {
  const say = words[lab.code];
  let file;
  try {
    file = JSON.parse(text);
  } catch {
    throw new Refusal(say.broken);
  }
  const [form] = FORMAT.split("/");
  if (!isObject(file) || typeof file.format !== "string" || !file.format.startsWith(`${form}/`)) throw new Refusal(say.foreign);
  if (file.format !== FORMAT) throw new Refusal(say.newer);
  const expect = (holds, part) => {
    if (!holds) throw new Refusal(say.damaged(part));
  };
  expect(isWord(file.lab), "lab");
  if (file.lab !== lab.figure.dataset.lab) throw new Refusal(say.other(file.lab));
  expect(isObject(file.params), "params");
  for (const [name, value] of Object.entries(file.params)) expect(isSetting(value), brief(name));
  expect(Number.isSafeInteger(file.seed) && file.seed >= 0, "seed");
  for (const part of ["version", "program"]) expect(isWord(file[part]), part);
  expect(file.digest === "" || isWord(file.digest), "digest");
  expect(isObject(file.outputs) && Object.values(file.outputs).every(value => value === null || Number.isFinite(value)), "outputs");
  const values = new Map(Object.entries(file.params)).set("seed", file.seed);
  const settings = Object.fromEntries(values);
  const known = lab.settings();
  const unknown = Array.from(values.keys()).filter(name => !Object.hasOwn(known, name));
  if (unknown.length) throw new Refusal(say.unknown(unknown.map(brief).join(say.join)));
  const missing = Object.keys(known).filter(name => !values.has(name));
  if (missing.length) throw new Refusal(say.missing(missing.join(say.join)));
  const refused = lab.check(settings);
  if (refused.length) throw new Refusal(say.refused(refused.map(brief).join(say.between)));
  const { digest, version, program, outputs } = file;
  return { settings, digest, version, program, outputs };
}

// What a run found, beside what the file says of it.
function verdict(lab, { digest, version, program, outputs }) {
  const say = words[lab.code];
  const ours = programOf(lab.figure);
  if (!digest) return say.without;
  if (digest === lab.digest) {
    const found = lab.outputs();
    const isSame = (one, other) => (one === null ? !Number.isFinite(other) : one === other);
    const altered = Object.keys(outputs).filter(name => !isSame(outputs[name], found[name] ?? null));
    return altered.length ? say.altered(altered.slice(0, 5).map(brief).join(say.join)) : say.agrees(digest);
  }
  const why = version !== VERSION ? say.version(version, VERSION) : program !== ours ? say.program(program, ours) : say.same;
  return say.differs(digest, lab.digest, why);
}

// Restores the run that a file holds, runs it, and says what came of it; `tell` hears of each step.
export async function restore(lab, file, tell) {
  const say = words[lab.code];
  if (file.size > LIMIT) return tell(say.large);
  let text;
  try {
    text = await file.text();
  } catch {
    return tell(say.unread);
  }
  let saved;
  try {
    saved = read(text, lab);
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    return tell(refusal.message);
  }
  tell(say.running);
  lab.set(saved.settings);
  lab.run();
  const state = await lab.settled();
  if (!alike(lab.settings(), saved.settings) || state === "idle") return tell(say.moved);
  tell(state === "done" ? verdict(lab, saved) : say.stopped);
}
