import { Form, Input, Select } from "antd";
import { useTranslation } from "@/i18n";
import { DayField } from "@/shared/DayField";

const CURRENCIES = ["CNY", "USD", "EUR", "HKD", "JPY", "KRW", "GBP", "TWD", "SGD"] as const;

/** The currency; foreign money comes with its rate, by which the service reckons the yuan. */
export function ForeignFields({ currency = "CNY", of }: { currency?: string; of: (name: string) => string }) {
  const { language } = useTranslation("common");
  const names = new Intl.DisplayNames([language], { type: "currency" });
  return (
    <>
      <Form.Item name="currency" label={of("currency")}>
        <Select options={CURRENCIES.map((code) => ({ value: code, label: `${names.of(code)} ${code}` }))} />
      </Form.Item>
      {currency !== "CNY" && (
        <>
          <Form.Item name="original_amount" label={of("original_amount")} required>
            <Input inputMode="decimal" autoComplete="off" suffix={currency} />
          </Form.Item>
          <Form.Item name="rate" label={of("rate")} required>
            <Input inputMode="decimal" autoComplete="off" />
          </Form.Item>
          <Form.Item name="rate_on" label={of("rate_on")} required>
            <DayField />
          </Form.Item>
          <Form.Item name="rate_source" label={of("rate_source")} required>
            <Input autoComplete="off" />
          </Form.Item>
        </>
      )}
    </>
  );
}
