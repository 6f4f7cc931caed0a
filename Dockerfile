# hedon with its compiler and tests:   docker build --tag hedon .
# The last step of the build runs all tests; without them:   docker build --target ready --tag hedon .
# Then, results in the present folder:   docker run --rm --volume "$PWD:/work" hedon run train
FROM python:3.12-slim-bookworm AS ready
RUN apt-get update \
    && apt-get install --yes --no-install-recommends g++ make \
    && rm -rf /var/lib/apt/lists/*
COPY . /hedon
WORKDIR /hedon
RUN make .venv/installed
ENV PATH=/hedon/.venv/bin:$PATH HEDON_CACHE=/tmp/hedon-programs
WORKDIR /work
ENTRYPOINT ["hedon"]
CMD ["--help"]

FROM ready AS tested
RUN make --directory /hedon test && rm -rf /tmp/hedon-programs
