import boundaries from "eslint-plugin-boundaries";
import hooks from "eslint-plugin-react-hooks";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["dist", "node_modules", "src/api/schema.gen.ts"] },
  ...ts.configs.strict,
  {
    files: ["src/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks, boundaries },
    settings: {
      "boundaries/include": ["src/**/*"],
      "boundaries/elements": [
        { type: "feature", pattern: "src/features/*", capture: ["name"] },
        { type: "shared", pattern: "src/shared" },
        { type: "app", pattern: "src/app" },
        { type: "api", pattern: "src/api" },
        { type: "i18n", pattern: "src/i18n" },
        { type: "login", pattern: "src/login" },
        { type: "entry", pattern: "src/*.tsx", mode: "file" },
      ],
    },
    rules: {
      ...hooks.configs.recommended.rules,
      "@typescript-eslint/no-non-null-assertion": "off",
      // Imports go down only: entry, features, shared, app, api. No feature reaches inside another.
      "boundaries/element-types": [
        "error",
        {
          default: "disallow",
          rules: [
            { from: "entry", allow: ["feature", "shared", "app", "api", "i18n", "login"] },
            { from: "feature", allow: [["feature", { name: "${from.name}" }], "shared", "app", "api", "i18n"] },
            { from: "shared", allow: ["shared", "app", "api", "i18n"] },
            { from: "app", allow: ["app", "api", "i18n"] },
            { from: "api", allow: ["api"] },
            { from: "login", allow: ["login", "api"] },
          ],
        },
      ],
    },
  },
);
