/** Texts of the sign-in page: few enough to travel with it in both languages. */
export const LANGUAGES = ["zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

const zh = {
  title: "登录 · 五个一",
  product: "五个一",
  system: "招商工作系统",
  promise: "每个项目有人负责，每个总数能查到底。",
  caliber: "工作调度口径，非统计数据",
  strokes: ["一个项目", "一名领导", "一套班子", "一个方案", "一抓到底"],
  browsers: "支持 Chrome 109 及以上、同代国产浏览器",
  secrets: "本系统不得录入国家秘密和工作秘密。",
  recorded: "录入、查看和导出都会留痕，可供审计。",

  heading: { password: "登录", code: "动态口令", new_password: "修改口令", second_factor: "启用动态口令" },
  hint: {
    password: "用招商局发给你的登录名",
    code: "打开验证器应用，填入它现在显示的六位数字",
    second_factor: "用手机上的验证器应用扫码或填入密钥，再填它显示的六位数字",
  },
  newPasswordHint: (shortest: number | null) =>
    `先改口令再继续：${shortest === null ? "" : `至少 ${shortest} 个字符，`}不含登录名和姓名，不是常见口令`,

  name: "登录名",
  password: "口令",
  forgotten: "忘记口令请找系统管理员重置",
  showPassword: "显示口令",
  capsLock: "大写锁定已打开",
  code: "六位数字",
  signIn: "登录",
  working: "请稍候…",
  or: "或",
  signOnHint: "在本系统退出，不会退出单点登录。在公用电脑上，请到单点登录处一并退出，并关闭浏览器。",
  signOnOnly: "本单位用单点登录",
  back: "返回，换一个登录名",
  newPassword: "新口令",
  again: "再输一次",
  keepTokens: "保留我的 API 令牌（不选则一并撤销）",
  change: "修改口令",
  key: "密钥",
  qr: "二维码，内容是下面的密钥",
  openApp: "在本机的验证器应用中打开",
  enable: "启用",
  retry: "重试",

  nameMissing: "请填登录名。",
  passwordMissing: "请填口令。",
  newPasswordMissing: "请填新口令。",
  againDiffers: "两次输入不一致。",
  codeDigits: "动态口令是六位数字。",
  offline: "连不上服务，请检查网络后再试。",
  unexpected: "出错了，请重试；若仍不行，请找系统管理员。",
  paused: (until: string, minutes: number) => `失败次数过多，${until} 以后可以再试（约 ${minutes} 分钟）。`,
  pauseOver: "现在可以再试。",
  cameBack: {
    sign_on_off: "未启用单点登录。",
    sign_on_unreachable: "连不上单点登录，请稍后再试。",
    sign_on_expired: "这次登录已失效，请重新登录。",
    sign_on_denied: "单点登录未获允许。",
    sign_on_refused: "单点登录的答复无法核实，请重试；若仍不行，请找系统管理员。",
    sign_on_unknown: "你的身份尚未绑定账号，请找系统管理员绑定。",
    sign_on_not_in_use: "你的账号不在使用期内或已锁定，请找系统管理员。",
  },
};

export type Texts = typeof zh;
export type CameBack = keyof Texts["cameBack"];

const en: Texts = {
  title: "Sign in · Five Ones",
  product: "Five Ones",
  system: "Investment promotion",
  promise: "Somebody answers for every project; every total can be traced to its rows.",
  caliber: "Figures for managing the work, not official statistics",
  strokes: ["One project", "One leader", "One team", "One plan", "Followed through"],
  browsers: "Chrome 109 or later, and Chinese browsers of its generation",
  secrets: "No state or work secrets in this system.",
  recorded: "What you enter, look at and export is recorded for audit.",

  heading: {
    password: "Sign in",
    code: "One-time code",
    new_password: "Change your password",
    second_factor: "Set up one-time codes",
  },
  hint: {
    password: "With the name the bureau gave you",
    code: "Open your authenticator app and enter the six digits it shows now",
    second_factor: "Scan with the authenticator app of your phone, or type the key, then enter the six digits it shows",
  },
  newPasswordHint: (shortest) =>
    `Change it before you go on: ${shortest === null ? "" : `at least ${shortest} characters, `}without your names, not a common one`,

  name: "Name",
  password: "Password",
  forgotten: "Forgotten? Ask an administrator",
  showPassword: "Show password",
  capsLock: "Caps Lock is on",
  code: "Six digits",
  signIn: "Sign in",
  working: "One moment…",
  or: "or",
  signOnHint:
    "Signing out here does not sign you out of single sign-on. On a shared computer sign out there as well, and close the browser.",
  signOnOnly: "Your office uses single sign-on",
  back: "Back, with another name",
  newPassword: "New password",
  again: "Once more",
  keepTokens: "Keep my API tokens; else they are revoked",
  change: "Change password",
  key: "Key",
  qr: "QR code of the key below",
  openApp: "Open in the authenticator app of this device",
  enable: "Set up",
  retry: "Try again",

  nameMissing: "Enter your name.",
  passwordMissing: "Enter your password.",
  newPasswordMissing: "Enter a new password.",
  againDiffers: "The two differ.",
  codeDigits: "The code is six digits.",
  offline: "The service cannot be reached. Check the network and try again.",
  unexpected: "Something went wrong. Try again, then ask an administrator.",
  paused: (until, minutes) =>
    `Too many failures; sign-in is suspended until ${until}, about ${minutes} ${minutes === 1 ? "minute" : "minutes"} from now.`,
  pauseOver: "You can try again now.",
  cameBack: {
    sign_on_off: "Single sign-on is not set up here.",
    sign_on_unreachable: "Single sign-on cannot be reached; try again later.",
    sign_on_expired: "That attempt is over; sign in again.",
    sign_on_denied: "Single sign-on was not allowed.",
    sign_on_refused: "The answer of single sign-on could not be verified; try again, then ask an administrator.",
    sign_on_unknown: "No account is bound to you yet; ask an administrator to bind one.",
    sign_on_not_in_use: "Your account is locked or not in use; ask an administrator.",
  },
};

export const TEXTS: Record<Language, Texts> = { "zh-CN": zh, en };
