import { describe, expect, it } from "vitest";
import { Offline, Problem, type ProblemDocument } from "@/api/problems";
import { LANGUAGES, TEXTS } from "./texts";
import { isWordOfService, SignOnFailed, timeOfDay, troubleOf, Unfit } from "./trouble";

const zh = TEXTS["zh-CN"];
const AT = new Date(2023, 2, 31, 14, 0, 30).getTime();

function refusal(document: Partial<ProblemDocument>, retryAfter: number | null = null): Problem {
  return new Problem({ type: "", title: "", status: 401, code: "", detail: "", request_id: "", ...document }, retryAfter);
}

describe("troubleOf", () => {
  it("leads to the password where sign-in failed", () => {
    const failed = refusal({ code: "sign_in_failed", detail: "登录名、口令或动态口令不对，或账号不可用。" });
    expect(troubleOf(failed, zh, AT)).toEqual({ text: failed.document.detail, field: "password", until: null });
  });

  it("leads to the field that the service refuses, in its words", () => {
    const errors = [{ pointer: "/new", code: "password_common", detail: "这是常见口令，请换一个。" }];
    const refused = refusal({ status: 422, code: "invalid_input", detail: "输入有误。", errors });
    expect(troubleOf(refused, zh, AT)).toEqual({ text: "这是常见口令，请换一个。", field: "new", until: null });
  });

  it("says when the pause after too many failures ends", () => {
    const paused = refusal({ status: 429, code: "sign_in_suspended", detail: "登录失败次数过多，请 15 分钟后再试。" }, 600);
    const trouble = troubleOf(paused, zh, AT);
    expect(trouble.text).toBe("失败次数过多，14:11 以后可以再试（约 10 分钟）。");
    expect(trouble.until).toBe(AT + 600_000);
    expect(troubleOf(paused, TEXTS.en, AT).text).toContain("until 14:11, about 10 minutes");
    expect(isWordOfService(paused)).toBe(false);
  });

  it("has words of its own for what the service cannot say", () => {
    expect(troubleOf(new Offline(), zh, AT).text).toBe(zh.offline);
    expect(troubleOf(new TypeError("x"), zh, AT).text).toBe(zh.unexpected);
    expect(troubleOf(refusal({}), zh, AT).text).toBe(zh.unexpected);
    expect(troubleOf(new SignOnFailed("sign_on_unknown"), TEXTS.en, AT).text).toBe(TEXTS.en.cameBack.sign_on_unknown);
    expect(troubleOf(new Unfit("again", "againDiffers"), zh, AT)).toMatchObject({ text: zh.againDiffers, field: "again" });
  });
});

it("rounds the end of a pause up to the minute", () => {
  expect(timeOfDay(new Date(2023, 2, 31, 9, 5, 0).getTime())).toBe("09:05");
  expect(timeOfDay(new Date(2023, 2, 31, 23, 59, 1).getTime())).toBe("00:00");
});

it("names five strokes in each language", () => {
  for (const language of LANGUAGES) expect(TEXTS[language].strokes).toHaveLength(5);
});
