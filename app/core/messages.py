"""Messages for invalid input in both languages, by error type. They never echo the input."""

from typing import Any

from app.core.localized import Say

_FALLBACK = Say("内容不符合要求。", "The value is not acceptable here.")

_MESSAGES: dict[str, Say] = {
    "url": Say(
        "应为 https 地址，不含用户名、口令和 # 之后的部分。",
        "An https address, without user name, password and fragment.",
    ),
    "event_pattern": Say(
        "没有这种消息；可写 deal.approved、deal.* 或 *，见 GET /api/v1/webhooks/event-types。",
        "No message is of that type: write deal.approved, deal.* or *, see GET /api/v1/webhooks/event-types.",
    ),
    "network": Say("应为 IP 地址或网段，例如 203.0.113.0/24。", "An address or network, such as 203.0.113.0/24."),
    "missing": Say("必填，请补上。", "Required; please supply it."),
    "extra_forbidden": Say("没有这个字段，请删去或核对名称。", "There is no such field; remove it or check its name."),
    "unknown_parameter": Say(
        "没有这个查询参数，请删去或核对名称。",
        "There is no such query parameter; remove it or check its name.",
    ),
    "repeated_item": Say("同一个 id 只能写一次。", "An id may stand in the list only once."),
    "repeated_parameter": Say("这个参数只能给一次。", "This parameter may be given only once."),
    "json_invalid": Say("不是合法的 JSON。", "This is not valid JSON."),
    "json_not_finite": Say(
        "NaN、Infinity 和过大的数不是 JSON。", "NaN, Infinity and numbers beyond range are not JSON."
    ),
    "json_too_deep": Say("JSON 嵌套过深。", "The JSON is nested too deeply."),
    "model_attributes_type": Say(
        "应为 JSON 对象，并注明 Content-Type: application/json。",
        "Send a JSON object with Content-Type: application/json.",
    ),
    "model_type": Say("应为 JSON 对象。", "Should be a JSON object."),
    "dict_type": Say("应为 JSON 对象。", "Should be a JSON object."),
    "list_type": Say("应为列表。", "Should be a list."),
    "set_type": Say("应为列表。", "Should be a list."),
    "string_type": Say("应为文本。", "Should be text."),
    "string_unicode": Say("文本含有无法编码的字符。", "The text holds a character that cannot be encoded."),
    "string_too_short": Say("至少 {min_length} 个字符。", "At least {min_length} characters."),
    "string_too_long": Say("最多 {max_length} 个字符。", "At most {max_length} characters."),
    "string_pattern_mismatch": Say("格式不符，应匹配 {pattern}。", "Should match {pattern}."),
    "not_utf8": Say("网址应为 UTF-8 编码。", "The address should be encoded as UTF-8."),
    "text_nul": Say("文本不能含 NUL 字符。", "Text must not hold NUL."),
    "text_surrogate": Say("文本含有残缺的字符（孤立代理项）。", "The text holds a lone surrogate."),
    "text_control": Say(
        "文本含有控制字符 {character}（如换行、制表符），请删去后重填。",
        "The text holds the control character {character}, such as a line feed or tab; take it out.",
    ),
    "text_direction": Say(
        "文本含有改变书写方向的不可见字符 {character}，请删去后重填。",
        "The text holds {character}, an invisible character that turns the direction of writing; take it out.",
    ),
    "text_invisible": Say(
        "至少要有一个看得见的字符，请重填。", "At least one character must be one that can be seen; type it anew."
    ),
    "int_type": Say("应为整数。", "Should be a whole number."),
    "int_parsing": Say("应为整数。", "Should be a whole number."),
    "int_parsing_size": Say("数字过大。", "The number is too large."),
    "int_from_float": Say("应为整数。", "Should be a whole number."),
    "bool_type": Say("应为 true 或 false。", "Should be true or false."),
    "bool_parsing": Say("应为 true 或 false。", "Should be true or false."),
    "decimal_parsing": Say("应为十进制数，写成文本。", "Should be a decimal number, written as text."),
    "decimal_type": Say("应为十进制数，写成文本。", "Should be a decimal number, written as text."),
    "decimal_text": Say(
        "应为十进制数文本，最多 {places} 位小数。", "A decimal number as text, at most {places} decimals."
    ),
    "greater_than": Say("应大于 {gt}。", "Should be greater than {gt}."),
    "greater_than_equal": Say("应不小于 {ge}。", "Should be at least {ge}."),
    "less_than": Say("应小于 {lt}。", "Should be less than {lt}."),
    "less_than_equal": Say("应不大于 {le}。", "Should be at most {le}."),
    "too_short": Say("至少 {min_length} 项。", "At least {min_length} items."),
    "too_long": Say("最多 {max_length} 项。", "At most {max_length} items."),
    "enum": Say("应为 {expected} 之一。", "Should be one of {expected}."),
    "literal_error": Say("应为 {expected} 之一。", "Should be one of {expected}."),
    "uuid_parsing": Say("不是合法的编号（UUID）。", "Not a valid id (UUID)."),
    "uuid_type": Say("不是合法的编号（UUID）。", "Not a valid id (UUID)."),
    "uuid_or_word": Say("不是合法的编号（UUID），也不是 {words}。", "Neither a valid id (UUID) nor one of: {words}."),
    "user_name": Say(
        "登录名只用英文字母、数字和 . _ -，以字母或数字开头。",
        "Letters, digits and . _ - only, beginning with a letter or digit.",
    ),
    "day_text": Say("日期写作 YYYY-MM-DD，例如 2023-02-27。", "A day is written YYYY-MM-DD, such as 2023-02-27."),
    "day_range": Say("日期应在 1949-10-01 至 2199-12-31 之间。", "A day lies between 1949-10-01 and 2199-12-31."),
    "period_text": Say(
        "期间写作 2023、2023H1、2023Q1 或 2023-03。", "A period looks like 2023, 2023H1, 2023Q1 or 2023-03."
    ),
    "moment_text": Say(
        "应为带时区的 ISO 8601 时刻（网址中的 + 写作 %2B）或 YYYY-MM-DD 日期。",
        "An ISO 8601 time with offset (write + as %2B in a URL), or a day YYYY-MM-DD.",
    ),
    "moment_without_offset": Say("时刻必须带时区，例如 +08:00 或 Z。", "A time needs its offset, such as +08:00 or Z."),
    "money_text": Say(
        '金额以元为单位写成文本，最多两位小数，例如 "8680000000.00"。',
        'An amount is a string of yuan with at most two decimals, such as "8680000000.00".',
    ),
    "foreign_text": Say(
        '原币金额写成文本，最多两位小数，例如 "1200000000.00"；第三位小数不保存，请先取舍。',
        'A foreign amount is a string with at most two decimals, such as "1200000000.00"; round a third one first.',
    ),
    "currency_text": Say(
        "货币写 ISO 4217 代码，三个半角大写字母，例如 USD、EUR、JPY；人民币写 CNY。",
        "A currency is its ISO 4217 code, three capitals such as USD, EUR, JPY; write CNY for yuan.",
    ),
    "foreign_too_large": Say("原币金额应低于 10^16。", "A foreign amount is below 10^16 units."),
    "money_too_large": Say("单笔金额应低于 1 万亿元（10^14 分）。", "One amount is below 10^14 fen (10^12 yuan)."),
    "money_negative": Say("金额不能为负。", "An amount cannot be negative."),
    "money_not_positive": Say("金额应大于 0。", "An amount must be above zero."),
    "number_in_name": Say(
        "姓名中不要写电话或邮箱；电话请填在 phone。",
        "A name holds no phone or mail address; a phone has its own field.",
    ),
    "phone": Say(
        "应为一个电话号码，例如 13800000000、0413-57500000 或 +81 3 1234 5678；两个号码请分开登记。",
        "Should be one phone number, such as 13800000000, 0413-57500000 or +81 3 1234 5678; enter two as two.",
    ),
    "credit_code": Say(
        "统一社会信用代码应为 18 位字母数字且校验位正确（GB 32100）。",
        "A unified social credit code has 18 letters and digits and a right check character (GB 32100).",
    ),
    "national_code": Say(
        "投资项目统一代码形如 2302-210400-04-01-123456。",
        "A national project code looks like 2302-210400-04-01-123456.",
    ),
    "cursor_broken": Say(
        "游标无效，请从第一页重新开始。", "The cursor cannot be read; start again from the first page."
    ),
    "cursor_foreign": Say(
        "游标属于另一个列表或另一组筛选条件，请从第一页重新开始。",
        "The cursor belongs to another list or other filters; start again from the first page.",
    ),
}


def message(kind: str, context: dict[str, Any] | None) -> Say:
    """Returns the message for a Pydantic error type. The error of a validator may carry its own `say`."""
    context = context or {}
    if isinstance(say := context.get("say"), Say):
        return say
    template = _MESSAGES.get(kind, _FALLBACK)
    try:
        return Say(template.zh.format(**context), template.en.format(**context))
    except (KeyError, IndexError):
        return _FALLBACK
