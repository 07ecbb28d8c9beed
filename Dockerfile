# The site's image; docker-compose.yml runs it in several roles.
FROM node:22-slim AS browser-files
WORKDIR /site
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.11-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 IGSITE_STATE_DIR=/var/lib/igsite
WORKDIR /site
COPY requirements.txt .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.txt \
    && useradd --system --home-dir /nonexistent igsite \
    && install -d -o igsite -m 0700 /var/lib/igsite
COPY . .
COPY --from=browser-files /site/node_modules node_modules
USER igsite
VOLUME /var/lib/igsite
EXPOSE 8000
CMD ["python", "manage.py", "up", "--host", "0.0.0.0"]
