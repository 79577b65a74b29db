import type { components } from "@/api/schema.gen";

interface Props {
  language: "zh-CN" | "en";
  onDone: (answer: components["schemas"]["SignedInRead"]) => void;
  initialName?: string;
}

export function SignInForm(_: Props) {
  return null;
}
