import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

/** Writes each text file of the build also compressed, so that the service compresses nothing at run time. */
function compressed(): Plugin {
  return {
    name: "compressed",
    apply: "build",
    closeBundle() {
      const assets = join(import.meta.dirname, "dist", "assets");
      for (const name of readdirSync(assets).filter((file) => /\.(js|css|svg)$/.test(file))) {
        const content = readFileSync(join(assets, name));
        const quality = { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } };
        writeFileSync(join(assets, `${name}.br`), brotliCompressSync(content, quality));
        writeFileSync(join(assets, `${name}.gz`), gzipSync(content, { level: 9 }));
      }
    },
  };
}

const service = process.env.FIVE_ONES_SERVICE ?? "http://127.0.0.1:8000";

export default defineConfig({
  plugins: [react(), compressed()],
  resolve: { alias: { "@": join(import.meta.dirname, "src") } },
  build: {
    target: "chrome109", // the last Chrome on Windows 7; said on the sign-in page
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0, // data: would need a wider content security policy for fonts
    chunkSizeWarningLimit: 900,
    manifest: true, // for tools/budget.mjs
    rolldownOptions: { input: { index: "index.html", login: "login.html", wall: "wall.html" } },
  },
  server: {
    host: "127.0.0.1",
    proxy: { "^/(api|docs|redoc|docs-assets|pages|healthz|readyz)": { target: service, changeOrigin: false } },
  },
});
