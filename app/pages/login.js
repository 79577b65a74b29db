"use strict";

const form = (id) => document.getElementById(id);
const signIn = form("sign-in");
const change = form("change-password");
const second = form("second-factor");
const problem = document.getElementById("problem");
let csrf = "";
let password = "";
/* The service says where to go on to: a link may name any address. */
let onward = "/";
const wanted = new URLSearchParams(location.search).get("next") || "/";

function say(text) {
  problem.textContent = text;
  problem.hidden = !text;
}

async function ask(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  if (csrf) {
    headers["X-CSRF-Token"] = csrf;
  }
  let answer;
  try {
    answer = await fetch("/api/v1" + path, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    return { ok: false, code: "", text: "连不上服务，请检查网络。 The service cannot be reached." };
  }
  const data = answer.status === 204 ? {} : await answer.json().catch(() => ({}));
  const details = (data.errors || []).map((one) => one.detail).join(" ");
  return { ok: answer.ok, code: data.code, data, text: details || data.detail || "" };
}

function show(one) {
  for (const each of [signIn, change, second]) {
    each.hidden = each !== one;
  }
  one.querySelector("input:not([hidden])").focus();
}

async function next(must) {
  const codes = must.map((one) => one.code);
  if (codes.includes("change_password")) {
    show(change);
  } else if (codes.includes("set_second_factor")) {
    const begun = await ask("POST", "/me/second-factor");
    if (!begun.ok) {
      say(begun.text);
      return;
    }
    document.getElementById("key").textContent = begun.data.key;
    show(second);
  } else {
    location.replace(onward);
  }
}

/** Runs while the form is locked, so that nobody sends it twice. */
function onSubmit(which, act) {
  which.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = which.querySelector("button");
    button.disabled = true;
    say("");
    try {
      await act(new FormData(which));
    } finally {
      button.disabled = false;
    }
  });
}

onSubmit(signIn, async (fields) => {
  const body = { name: fields.get("name").trim(), password: fields.get("password"), next: wanted };
  if (fields.get("code")) {
    body.code = fields.get("code");
  }
  const answer = await ask("POST", "/session", body);
  if (answer.code === "password_sign_in_off") {
    await offer();
  }
  if (answer.code === "code_required") {
    document.getElementById("code-field").hidden = false;
    signIn.elements.code.focus();
  }
  if (!answer.ok) {
    say(answer.text);
    return;
  }
  csrf = answer.data.csrf_token;
  onward = answer.data.onward;
  password = body.password;
  change.elements.username.value = body.name;
  await next(answer.data.must);
});

onSubmit(change, async (fields) => {
  if (fields.get("new") !== fields.get("again")) {
    say("两次输入不一致。 The two differ.");
    return;
  }
  const keep = fields.has("keep_tokens");
  const answer = await ask("PUT", "/me/password", { current: password, new: fields.get("new"), keep_tokens: keep });
  if (!answer.ok) {
    say(answer.text);
    return;
  }
  password = "";
  await next((await ask("GET", "/session")).data.must);
});

onSubmit(second, async (fields) => {
  const answer = await ask("POST", "/me/second-factor/confirmation", { code: fields.get("code") });
  if (!answer.ok) {
    say(answer.text);
    return;
  }
  location.replace(onward);
});

/** What single sign-on came back with. Texts are of this page: a link may hold any words. */
const CAME_BACK = {
  sign_on_off: "未启用单点登录。 Single sign-on is not set up here.",
  sign_on_unreachable: "连不上单点登录，请稍后再试。 Single sign-on cannot be reached; try again later.",
  sign_on_expired: "这次登录已失效，请重新登录。 That attempt is over; sign in again.",
  sign_on_denied: "单点登录未获允许。 Single sign-on was not allowed.",
  sign_on_refused: "单点登录的答复无法核实，请重试；若仍不行，请找管理员。 Its answer could not be verified; try again, then ask an administrator.",
  sign_on_unknown: "您的身份尚未绑定账号，请联系管理员绑定。 No account is bound to you yet; ask an administrator to bind one.",
  sign_on_not_in_use: "您的账号不在使用期内或已锁定，请联系管理员。 Your account is locked or not in use; ask an administrator.",
};

async function offer() {
  const rules = await ask("GET", "/sign-in");
  if (!rules.ok) {
    return;
  }
  document.getElementById("shortest").textContent = rules.data.password_min_length;
  const ways = rules.data.ways;
  signIn.hidden = !ways.includes("password");
  const link = document.querySelector("#sign-on a");
  link.textContent = rules.data.sign_on_name;
  link.href = "/api/v1/sign-on?next=" + encodeURIComponent(wanted);
  document.querySelector("#sign-on").hidden = !ways.includes("single_sign_on");
}

(async () => {
  signIn.elements.name.focus();
  const back = new URLSearchParams(location.search).get("problem");
  if (Object.hasOwn(CAME_BACK, back)) {
    say(CAME_BACK[back]);
  }
  await offer();
})();
