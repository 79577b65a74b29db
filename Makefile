# 五个一 Five Ones: the commands of this project. `make help` explains them.

# The environment's own Python once there is one, else the first Python of this machine that is new enough.
ifndef PYTHON
PYTHON := $(shell .venv/bin/python -c 'import pip' 2>/dev/null && echo .venv/bin/python)
endif
ifeq ($(PYTHON),)
PYTHON := $(shell for python in python3 python3.13 python3.12 python3.11 python3.14; do \
	"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$python" && break; done)
PYTHON := $(or $(PYTHON),python3)
endif

## PORT=8000 | run 监听的端口 | the port that run listens on
PORT ?= 8000
## SAMPLE=0 | run 不装入示例数据 | run loads no sample data
SAMPLE ?= 1
## ARGS="-k ledger" | 传给 pytest 的参数 | arguments for pytest
ARGS ?=
## WORKERS=2 | test 和 e2e 的并行进程数，0 为不并行 | processes of test and e2e, 0 for none but their own
WORKERS ?= 2
## REPEAT=5 | e2e 重复的次数 | how often e2e goes over its journeys
REPEAT ?= 1
## STORM=5000 | storm 的推送条数 | the messages of storm
STORM ?= 5000
## PYTHON=python3.12 | 用哪个 Python 建 .venv | the Python that .venv is made with
## UPGRADE=1 | lock 时升级全部依赖 | lock upgrades every dependency
UPGRADE ?=
UV ?= uv

# Without it a missing Python would speak through the shell alone, in one language.
HAVE_PYTHON = command -v "$(PYTHON)" >/dev/null || { \
	echo "找不到 $(PYTHON)。请安装 Python 3.11 或更新版本，例如:apt-get install python3 python3-venv"; \
	echo "$(PYTHON) was not found. Install Python 3.11 or later, for example: apt-get install python3 python3-venv"; \
	exit 1; } >&2
PREPARE = $(HAVE_PYTHON); "$(PYTHON)" tools/prepare.py
CLIENT = .venv/bin/python tools/client.py

.DEFAULT_GOAL := help
.PHONY: help run test storm client client-check dev-client e2e screenshots lint format types contracts locks-check \
	lock dev clean

help: ## 显示本说明 | show this text
	@$(HAVE_PYTHON); "$(PYTHON)" tools/help.py

run: ## 备好环境、构建网页、建库、装入示例（仅当库为空）并启动服务 | set up, build the client, migrate, load the sample into an empty database, serve
	@$(PREPARE) requirements.lock --port "$(PORT)"
	@$(CLIENT) build
	@.venv/bin/five-ones migrate
	@test "$(SAMPLE)" = 0 || .venv/bin/five-ones sample --if-empty
	@echo
	@echo "打开      Open                http://127.0.0.1:$(PORT)/"
	@test "$(SAMPLE)" = 0 || echo "登录      Sign in             demo-leader（口令见上表 / its password stands in the list above）"
	@echo "接口文档  API documentation   http://127.0.0.1:$(PORT)/docs"
	@echo "按 Ctrl-C 停止  Ctrl-C stops it"
	@echo
	@exec .venv/bin/five-ones serve --host 127.0.0.1 --port "$(PORT)"

test: dev client ## 在 SQLite 与自行启动的 PostgreSQL 上运行全部测试 | run every test on SQLite and on a PostgreSQL of its own
	@.venv/bin/python -m pytest -n $(WORKERS) $(ARGS)

e2e: dev client ## 在 Chromium 中走一遍网页，REPEAT=n 走 n 遍 | journeys in Chromium, REPEAT=n times
	@E2E_REPEAT="$(REPEAT)" .venv/bin/python -m pytest -n $(WORKERS) tests/e2e $(ARGS)

screenshots: dev client ## 把每个页面拍到 var/screenshots | take a picture of every page into var/screenshots
	@.venv/bin/python -m tools.screenshots $(ARGS)

storm: dev ## 5,000 条推送乱序、重复，其间三次强行中断任务进程 | 5,000 messages, shuffled and repeated, a worker killed thrice
	@FIVE_ONES_STORM=$(STORM) .venv/bin/python -m pytest -s tests/webhooks/test_storm.py $(ARGS)

client: dev ## 构建网页客户端到 frontend/dist；无变动则不构建 | build the web client into frontend/dist, where something changed
	@$(CLIENT) build

client-check: dev ## 检查网页客户端的类型、风格、测试和体积 | check types, style, tests and sizes of the web client
	@$(CLIENT) check

dev-client: dev ## 开发网页：改动即时可见；另开终端 make run | work on the client: changes show at once; make run in another terminal
	@FIVE_ONES_SERVICE="$${FIVE_ONES_SERVICE:-http://127.0.0.1:$(PORT)}" $(CLIENT) dev

lint: dev ## 检查代码风格 | check style and layout
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .

format: dev ## 整理代码格式 | put style and layout right
	@.venv/bin/ruff check --fix .
	@.venv/bin/ruff format .

types: dev ## 检查类型 | check types
	@.venv/bin/mypy

contracts: dev ## 检查模块之间的引用方向 | check the direction of imports
	@.venv/bin/lint-imports

locks-check: dev ## 检查锁文件与 pyproject.toml 相符且不含下载地址 | check that lock files fit pyproject.toml and name no host
	@.venv/bin/python tools/locks_check.py

lock: ## 重新生成锁文件（需要 uv） | make the lock files anew (needs uv)
	@command -v "$(UV)" >/dev/null || { echo "找不到 uv:pip install uv"; echo "uv was not found: pip install uv"; exit 1; } >&2
	$(UV_COMPILE) pyproject.toml -o requirements.lock
	$(UV_COMPILE) pyproject.toml --extra dev -c requirements.lock -o requirements-dev.lock
	$(UV_COMPILE) --group pyproject.toml:node -o requirements-node.lock

# No index, no header: a lock file holds neither a download host nor the command line of whoever made it.
UV_COMPILE = "$(UV)" pip compile -q --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header $(if $(UPGRADE),--upgrade)

dev: ## 备好测试环境 .venv | set up .venv for tests
	@$(PREPARE) requirements-dev.lock

clean: ## 删除 .venv、缓存与构建的网页，保留 var/ 和 node_modules | remove .venv, caches and the built client, keep var/ and node_modules
	@rm -rf frontend/dist .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage htmlcov build dist
	@find . -name __pycache__ -type d -not -path './frontend/node_modules/*' -prune -exec rm -rf {} +
