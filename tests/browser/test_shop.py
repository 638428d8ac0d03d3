"""The shop of the examples, on the page: its functions run behind the gateway."""

from pathlib import Path

from examples.shop.shop import HOST, PORT, Shop, serving

from browser.stand import ROOT, Driver, Gateway, visiting


def test_shop_answers_on_the_page(driver: Driver, emulator: str, tmp_path: Path) -> None:
    config = tmp_path / "turngate.toml"
    with serving(Shop(), port=0) as url:
        known = (ROOT / "examples" / "shop" / "turngate.toml").read_text()
        config.write_text(known.replace(f"http://{HOST}:{PORT}/functions", url))
        gateway = Gateway("--config", str(config), "--diagnostics", upstream=emulator)
        gateway.start()
        try:
            with visiting(driver, gateway.url) as visit:
                visit.type("search products: hat")
                card = visit.page.get_by_role("article", name="Function call search_products")
                card.get_by_text("ran in the gateway").wait_for()
                visit.sees("assistant", "hat")
                visit.shot("shop")
                assert "red hat" in card.inner_text()
                assert visit.faults == []
        finally:
            gateway.stop()
