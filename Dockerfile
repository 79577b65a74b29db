# 五个一 Five Ones.
#
#   docker build -t five-ones .
#   docker run --rm -v five-ones:/data five-ones migrate
#   docker run -d -v five-ones:/data -p 127.0.0.1:8000:8000 five-ones
#
# compose.yaml does the same on PostgreSQL.
#
# A tag may come to mean another image. Whoever builds for production pins what their registry gives, and looks it up
# anew when they mean to update:
#
#   docker pull python:3.11-slim && docker inspect --format '{{index .RepoDigests 0}}' python:3.11-slim
#   docker build --build-arg PYTHON_IMAGE=python:3.11-slim@sha256:<that digest> -t five-ones .
ARG PYTHON_IMAGE=python:3.11-slim
ARG NODE_IMAGE=node:20-slim

# The web client. What it leaves are files; no Node comes into the image.
FROM ${NODE_IMAGE} AS client
# Where the public npm is slow: --build-arg NPM_CONFIG_REGISTRY=<a mirror>. The hashes hold whichever answers.
ARG NPM_CONFIG_REGISTRY
WORKDIR /src/frontend
COPY frontend/package.json frontend/package-lock.json frontend/.npmrc ./
RUN npm ci
COPY docs/openapi.json /src/docs/
COPY frontend ./
RUN npm run types && npm run build

FROM ${PYTHON_IMAGE} AS packages
# Where the public PyPI is slow: --build-arg PIP_INDEX_URL=<a mirror>. The hashes hold whichever answers.
ARG PIP_INDEX_URL
COPY requirements.lock /tmp/
RUN python -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --require-hashes -r /tmp/requirements.lock

FROM ${PYTHON_IMAGE}
RUN groupadd --gid 10001 five-ones \
    && useradd --uid 10001 --gid 10001 --no-create-home --shell /usr/sbin/nologin five-ones \
    && install -d -m 700 -o five-ones -g five-ones /data
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv
COPY alembic.ini ./
COPY migrations ./migrations
COPY app ./app
COPY --from=client /src/frontend/dist ./frontend/dist
RUN /opt/venv/bin/python -m compileall -q app migrations
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    FIVE_ONES_DATABASE_URL=sqlite+aiosqlite:////data/five-ones.db
USER 10001:10001
VOLUME /data
EXPOSE 8000
# Past any proxy that the engine puts into the environment.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["python", "-c", \
    "from urllib.request import *; build_opener(ProxyHandler({})).open('http://127.0.0.1:8000/healthz', timeout=4)"]
# Any command of five-ones: docker run … five-ones check
ENTRYPOINT ["python", "-m", "app.commands.main"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
